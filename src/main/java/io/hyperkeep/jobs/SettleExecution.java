package io.hyperkeep.jobs;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;

/**
 * Tells Spring Batch's record how an execution ended whose process can not tell it any more. More than
 * {@code JobOperator.recover} does: that leaves the exit status UNKNOWN, and refuses executions of status UNKNOWN.
 */
final class SettleExecution {
    private SettleExecution() {}

    /** Records an execution, and those of its steps that did not come to an end, as ended with this status. */
    static void as(BatchStatus status, JobExecution execution, JobRepository repository) {
        LocalDateTime now = LocalDateTime.now(ZoneOffset.UTC);
        ExitStatus exit = new ExitStatus(status.name());
        for (StepExecution step : execution.getStepExecutions()) {
            if (step.getStatus().isRunning() || step.getStatus() == BatchStatus.UNKNOWN) {
                step.setStatus(status);
                step.setExitStatus(exit);
                step.setEndTime(now);
                repository.update(step);
            }
        }
        if (execution.getStatus() != status) {
            execution.setStatus(status);
            execution.setExitStatus(exit);
            execution.setEndTime(now);
            repository.update(execution);
        }
    }
}

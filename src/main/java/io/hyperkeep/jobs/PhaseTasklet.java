package io.hyperkeep.jobs;

import io.hyperkeep.jobs.steps.Phase;
import io.hyperkeep.problem.BackupException;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;

/**
 * Runs one phase as a step: finds its attempt, ends as STOPPED when the attempt was asked to stop, and remembers why a
 * step failed.
 */
final class PhaseTasklet<A extends Attempt> implements Tasklet {
    private final Attempts attempts;
    private final Class<A> kind;
    private final String name;
    private final Phase<? super A> phase;

    PhaseTasklet(Attempts attempts, Class<A> kind, String name, Phase<? super A> phase) {
        this.attempts = attempts;
        this.kind = kind;
        this.name = name;
        this.phase = phase;
    }

    @Override
    public RepeatStatus execute(StepContribution contribution, ChunkContext chunkContext) throws Exception {
        StepExecution step = contribution.getStepExecution();
        A attempt = kind.cast(attempts.of(step));
        attempt.progress().enter(name);
        if (!attempt.leavesOut(name)) {
            within(attempt, () -> phase.run(attempt));
        }
        return RepeatStatus.FINISHED;
    }

    /** Does work of an attempt, by the same rules for phases and for units. */
    static void within(Attempt attempt, Attempt.Work work) throws JobInterruptedException {
        if (attempt.isStopping()) {
            throw new JobInterruptedException("stopped");
        }
        BackupException over = attempt.aborted();
        if (over != null) {
            throw over;
        }
        try {
            work.run();
        } catch (Throwable e) {
            if (attempt.isStopping()) {
                // whatever it was, it is what cancelling looks like from there
                throw new JobInterruptedException("stopped");
            }
            RuntimeException failure = Failures.of(e);
            attempt.failed(Failures.of(e));
            throw failure;
        }
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunClaim;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;

/**
 * Decides which runs can be restarted, and lets one process at a time restart each of them. Spring Batch alone would let
 * several: it looks whether a job instance runs, and starts it, in two transactions. Thread-safe.
 */
final class RestartRuns {
    private final DataSource metadata;
    private final JobRepository repository;
    private final RunRecords records;
    private final RunQueries runs;

    RestartRuns(DataSource metadata, JobRepository repository, RunRecords records, RunQueries runs) {
        this.metadata = metadata;
        this.repository = repository;
        this.records = records;
        this.runs = runs;
    }

    /** A run that nobody else can restart until this is closed, and the value of the parameter that names its instance. */
    record Claimed(RunClaim claim, String key) implements AutoCloseable {
        @Override
        public void close() {
            claim.close();
        }
    }

    /** @throws BackupException as {@link LaunchRun#restartable} */
    RestartableRun find(long number) {
        Run run = runs.require(number);
        requireRestartable(run);
        boolean backup = run.job().equals(BackupJob.NAME);
        return new RestartableRun(
                run,
                backup ? records.request(number, BackupPlan.class) : null,
                backup ? null : records.request(number, RestoreRequest.class));
    }

    /**
     * Claims a run, until the run that restarts it is recorded: then that record keeps others away.
     *
     * @throws BackupException as {@link LaunchRun#restartable}
     */
    Claimed claim(Job job, long number) {
        RunClaim claim = RunClaim.take(metadata, number)
                .orElseThrow(() -> new BackupException(
                        Problem.LOCKED,
                        "run " + number + " is being restarted by another process at this moment",
                        "`hyperkeep runs list` shows its run."));
        try {
            // whoever had the claim a moment ago may have restarted it
            requireRestartable(runs.require(number));
            String key = runs.parameter(number, Attempts.RUN_KEY);
            settle(job, key);
            return new Claimed(claim, key);
        } catch (RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    /**
     * Requires that the repository is still there, if the run came so far as to write to it: a disk that is not mounted
     * must not become a new repository.
     *
     * @throws BackupException STORAGE when it is gone
     */
    void requireRepository(long number, Path repository) {
        if (records.draft(number).isPresent() && !Repository.isIn(repository)) {
            throw new BackupException(
                    Problem.STORAGE,
                    "run " + number + " can not be restarted: its repository " + repository + " is not there any more",
                    "is its disk mounted? A backup into a new repository is a new run.");
        }
    }

    /**
     * Has Spring Batch take the job instance for one that failed. Only our own record says whether a run can be
     * restarted, and every step is repeated anyway; Spring Batch would refuse an instance whose process died before our
     * record began, or while a step's end was being recorded (status UNKNOWN).
     */
    private void settle(Job job, String key) {
        JobExecution last = repository.getLastJobExecution(job.getName(), Attempts.parameters(key));
        if (last != null) {
            settle(repository, last, BatchStatus.FAILED);
        }
    }

    /** Records an execution, and those of its steps that did not come to an end, as ended with this status. */
    static void settle(JobRepository repository, JobExecution execution, BatchStatus status) {
        LocalDateTime now = LocalDateTime.now(ZoneOffset.UTC);
        for (StepExecution step : execution.getStepExecutions()) {
            if (step.getStatus().isRunning() || step.getStatus() == BatchStatus.UNKNOWN) {
                step.setStatus(status);
                step.setEndTime(now);
                repository.update(step);
            }
        }
        if (execution.getStatus() != status) {
            execution.setStatus(status);
            execution.setEndTime(now);
            repository.update(execution);
        }
    }

    private void requireRestartable(Run run) {
        if (run.restartedAs() != null) {
            throw restartedAlready(run, runs.require(run.restartedAs()));
        }
        switch (run.state()) {
            case "FAILED", "STOPPED" -> {}
            case "RUNNING" ->
                throw new BackupException(
                        Problem.LOCKED,
                        "run " + run.run() + " is running, in process "
                                + run.life().process().pid() + " on "
                                + run.life().process().host(),
                        "wait for its end, or end it: `hyperkeep runs stop " + run.run() + "`.");
            case "DEAD" ->
                throw new BackupException(
                        Problem.USAGE,
                        "run " + run.run()
                                + " is recorded as running, but its process seems to have ended without a word",
                        "first `hyperkeep runs recover " + run.run() + "`.");
            case "ABANDONED" ->
                throw new BackupException(
                        Problem.USAGE,
                        "run " + run.run() + " was abandoned, so it can not be restarted",
                        "start a new " + run.job() + " instead.");
            default ->
                throw new BackupException(
                        Problem.USAGE,
                        "run " + run.run() + " ended as " + run.state() + ": there is nothing to restart",
                        "start a new " + run.job() + " instead.");
        }
    }

    private static BackupException restartedAlready(Run run, Run restart) {
        String what = "run " + run.run() + " was restarted as run " + restart.run() + " already";
        return switch (restart.state()) {
            case "RUNNING" ->
                new BackupException(
                        Problem.LOCKED,
                        what + ", which is running",
                        "`hyperkeep runs show " + restart.run() + "` shows how far it is.");
            case "FAILED", "STOPPED" ->
                new BackupException(
                        Problem.USAGE,
                        what + ", which ended as " + restart.state(),
                        "restart that one: `hyperkeep runs restart " + restart.run() + "`.");
            default ->
                new BackupException(
                        Problem.USAGE,
                        what + ", which is " + restart.state(),
                        "`hyperkeep runs show " + restart.run() + "` shows it.");
        };
    }
}

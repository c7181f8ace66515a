package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunClaim;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.Repository;
import io.hyperkeep.verify.VerifyRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.repository.JobRepository;

/**
 * Decides which runs can be restarted, and lets one process at a time restart each of them. Spring Batch alone would let
 * several: it looks whether a job instance runs, and starts it, in two transactions. Thread-safe.
 */
final class RestartRuns {
    private final DataSource metadata;
    private final JobRepository repository;
    private final RunRecords records;
    private final RunQueries runs;
    private final RunsAtRest atRest;

    RestartRuns(DataSource metadata, JobRepository repository, RunRecords records, RunQueries runs) {
        this.metadata = metadata;
        this.repository = repository;
        this.records = records;
        this.runs = runs;
        this.atRest = new RunsAtRest(runs);
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
        runs.partOf(number).ifPresent(whole -> {
            throw new BackupException(
                    Problem.USAGE,
                    "run " + number + " did a part of run " + whole + ", and is restarted with that one",
                    "`hyperkeep runs restart " + whole + "` repeats only what is missing.");
        });
        atRest.require(run, "restart");
        BackupPlan plan = request(run, BackupJob.NAME, BackupPlan.class);
        return new RestartableRun(
                run,
                // nothing is deleted by rules of then
                plan == null ? null : plan.withRetention(null),
                request(run, RestoreJob.NAME, RestoreRequest.class),
                request(run, RestoreJob.DRILL, DrillRequest.class),
                request(run, PruneJob.NAME, PruneRequest.class),
                request(run, VerifyJob.NAME, VerifyRequest.class));
    }

    private <T> @Nullable T request(Run run, String job, Class<T> type) {
        return run.job().equals(job) ? records.request(run.run(), type) : null;
    }

    /** The newest run that did one database's part of any of these runs. */
    Optional<Run> lastPart(List<Long> wholes, String database) {
        return runs.lastPart(wholes, database);
    }

    /** Whether a run came so far as to know its units. */
    boolean hadUnits(long run) {
        return runs.find(run).map(Run::units).orElse(0) > 0;
    }

    /**
     * Claims a run, until the run that restarts it is recorded: then that record keeps others away.
     *
     * @throws BackupException as {@link LaunchRun#restartable}
     */
    Claimed claim(Job job, long number) {
        RunClaim claim = atRest.claim(metadata, number);
        try {
            // whoever had the claim a moment ago may have restarted it
            atRest.require(runs.require(number), "restart");
            String key = runs.parameter(number, Attempts.RUN_KEY);
            settle(job, key);
            return new Claimed(claim, key);
        } catch (RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    /**
     * Requires that a plan makes the backup that a run was to make: a run counts as resolved by its restart.
     *
     * @throws BackupException USAGE when it is another one
     */
    void requireSameBackup(long number, BackupPlan plan) {
        if (!records.request(number, BackupPlan.class).makesSameBackupAs(plan)) {
            throw new BackupException(
                    Problem.USAGE,
                    "run " + number + " cannot be restarted as another backup: its plan, database, repository, kind,"
                            + " tables or options were others",
                    "`hyperkeep runs restart " + number + "` restarts it as it was.");
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
            SettleExecution.as(BatchStatus.FAILED, last, repository);
        }
    }
}

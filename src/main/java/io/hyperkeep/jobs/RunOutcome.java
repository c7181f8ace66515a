package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.restore.RestoredJobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param run its number
 * @param restarts the run that it restarted, or null
 * @param job {@code backup}, {@code restore}, {@code drill}, {@code prune} or {@code verify}
 * @param kind what the backup is made of; null for a job that is not about one of them
 * @param state {@code SEALED}, {@code RESTORED}, {@code PASSED}, {@code PRUNED} or {@code VERIFIED} for a success, {@code FAILED}, {@code STOPPED}, {@code SKIPPED}
 * @param backup the backup's folder, or null when none was sealed
 * @param totals what was done, or null when it failed
 * @param jobs policies and jobs of a restored database, or null
 * @param seconds wall time of the run
 * @param consistent whether everything is as of one snapshot
 * @param warnings what is missing or not as asked for
 * @param failure why it did not succeed, or null
 * @param evidence the file that keeps how a drill went, or null
 * @param databases how each database of a cluster ended; empty for other runs
 */
public record RunOutcome(
        long run,
        @Nullable Long restarts,
        String job,
        @Nullable BackupKind kind,
        String state,
        @Nullable Path backup,
        @Nullable Totals totals,
        @Nullable RestoredJobs jobs,
        Duration seconds,
        boolean consistent,
        List<Warning> warnings,
        @Nullable BackupException failure,
        @Nullable Path evidence,
        List<DatabaseOutcome> databases) {
    /** The state of a backup that was not to be made this time. */
    static final String SKIPPED = "SKIPPED";

    public RunOutcome {
        databases = List.copyOf(databases);
    }

    /**
     * How one database of a cluster ended.
     *
     * @param database its name
     * @param state {@code SEALED} or {@code RESTORED}, whether now or by an earlier attempt; else {@code FAILED}
     * @param failure why it did not succeed, or null
     */
    public record DatabaseOutcome(
            String database, String state, @Nullable String failure) {}

    /** One without evidence. */
    public RunOutcome(
            long run,
            @Nullable Long restarts,
            String job,
            @Nullable BackupKind kind,
            String state,
            @Nullable Path backup,
            @Nullable Totals totals,
            @Nullable RestoredJobs jobs,
            Duration seconds,
            boolean consistent,
            List<Warning> warnings,
            @Nullable BackupException failure) {
        this(
                run,
                restarts,
                job,
                kind,
                state,
                backup,
                totals,
                jobs,
                seconds,
                consistent,
                warnings,
                failure,
                null,
                List.of());
    }

    /** A backup that failed and of which nothing else is known. */
    static RunOutcome failed(long run, BackupKind kind, BackupException why) {
        return new RunOutcome(
                run, null, BackupJob.NAME, kind, "FAILED", null, null, null, Duration.ZERO, false, List.of(), why);
    }

    /** Whether it is a backup that was made. */
    public boolean isSealed() {
        return state.equals("SEALED");
    }

    /** The same with more warnings. */
    RunOutcome withWarnings(List<Warning> more) {
        return withEvidence(
                evidence, Stream.concat(warnings.stream(), more.stream()).toList());
    }

    /** The same with evidence, or with a warning that there is none. */
    RunOutcome withEvidence(@Nullable Path file, List<Warning> more) {
        return new RunOutcome(
                run,
                restarts,
                job,
                kind,
                state,
                backup,
                totals,
                jobs,
                seconds,
                consistent,
                more,
                failure,
                file,
                databases);
    }

    /** The same with what became of each database. */
    RunOutcome withDatabases(List<DatabaseOutcome> each) {
        return new RunOutcome(
                run,
                restarts,
                job,
                kind,
                state,
                backup,
                totals,
                jobs,
                seconds,
                consistent,
                warnings,
                failure,
                evidence,
                each);
    }
}

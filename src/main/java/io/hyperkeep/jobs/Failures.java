package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedRuntimeException;

/** Finds what to tell a person in what a step threw. */
final class Failures {
    private Failures() {}

    /** The {@link BackupException} in a chain of causes, or one that says that we have a defect. */
    static BackupException of(Throwable thrown) {
        for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof BackupException known) {
                return known;
            }
            if (cause instanceof OutOfMemoryError) {
                return new BackupException(
                        Problem.UNSUITABLE,
                        "the heap of " + (Runtime.getRuntime().maxMemory() >> 20)
                                + " MiB is too small for rows of this size",
                        "set HYPERKEEP_HEAP to more, e.g. 1g, or use --jobs 1",
                        thrown);
            }
        }
        return unexpected(thrown);
    }

    /**
     * The record of runs could not be read or written while a run was at work: with H2, when the process that served it
     * ended in the middle of a change of this one (decision 0004).
     *
     * @param run its number, or 0 when it had none yet
     */
    static BackupException ofRecord(long run, NestedRuntimeException thrown) {
        return new BackupException(
                Problem.STORAGE,
                (run == 0 ? "a run could not begin" : "run " + run + " broke off")
                        + ": the record of runs was lost in the middle of a change: "
                        + thrown.getMostSpecificCause().getMessage(),
                run == 0
                        ? "try again; where many processes share the record, let PostgreSQL keep it (metadata.url)"
                        : "`hyperkeep runs restart " + run
                                + "` tries it again and repeats only what is needed; where many"
                                + " processes share the record, let PostgreSQL keep it (metadata.url)",
                thrown);
    }

    static BackupException unexpected(Throwable thrown) {
        return new BackupException(
                Problem.UNEXPECTED,
                "unexpected " + thrown.getClass().getSimpleName() + ": " + thrown.getMessage(),
                "this is a defect in hyperkeep; run again with --verbose and report what it prints",
                thrown);
    }
}

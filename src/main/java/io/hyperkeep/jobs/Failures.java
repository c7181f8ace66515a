package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import org.jspecify.annotations.Nullable;

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

    static BackupException unexpected(Throwable thrown) {
        return new BackupException(
                Problem.UNEXPECTED,
                "unexpected " + thrown.getClass().getSimpleName() + ": " + thrown.getMessage(),
                "this is a defect in hyperkeep; run again with --verbose and report what it prints",
                thrown);
    }
}

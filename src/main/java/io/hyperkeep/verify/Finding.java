package io.hyperkeep.verify;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something that is not what it must be.
 *
 * @param on the file, the table, or the object
 * @param what is wrong with it
 */
public record Finding(String on, String what) {
    private static final int LISTED = 20;

    @Override
    public String toString() {
        return on + ": " + what;
    }

    /**
     * One failure that names all of them, as far as a person can read that.
     *
     * @param summary what they are about; a colon and the findings follow
     * @param findings at least one
     */
    public static BackupException failure(
            Problem problem, String summary, List<Finding> findings, @Nullable String hint) {
        String listed = findings.stream().limit(LISTED).map(Finding::toString).collect(Collectors.joining("; "));
        String more = findings.size() > LISTED ? "; and " + (findings.size() - LISTED) + " more" : "";
        return new BackupException(problem, summary + ": " + listed + more, hint);
    }
}

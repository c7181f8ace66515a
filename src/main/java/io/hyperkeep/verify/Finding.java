package io.hyperkeep.verify;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something that is not what it must be.
 *
 * @param on the file, the table, or the object
 * @param what is wrong with it
 * @param backup what the backup says, where that is one value; else null
 * @param now what is there instead, or null
 * @param definition where two texts of a definition differ and nothing else does: they may mean the same; else null
 */
public record Finding(
        String on,
        String what,
        @Nullable String backup,
        @Nullable String now,
        @Nullable PrintedTwice definition) {
    private static final int LISTED = 20;

    public Finding(String on, String what) {
        this(on, what, null, null);
    }

    public Finding(String on, String what, @Nullable String backup, @Nullable String now) {
        this(on, what, backup, now, null);
    }

    /** The same of a definition. */
    Finding of(@Nullable PrintedTwice printed) {
        return new Finding(on, what, backup, now, printed);
    }

    /** The same, whose texts are all that could be compared. */
    Finding comparedAsText(String reason) {
        return new Finding(
                on,
                what + " (their text was compared, as the server could not read both: " + reason + ")",
                backup,
                now);
    }

    /** Two values of a property that differ; null is a property that is not set. */
    static Finding differs(String on, String property, @Nullable Object backup, @Nullable Object now) {
        String what;
        if (now == null) {
            what = "has no " + property + ", the backup has " + backup;
        } else if (backup == null) {
            what = "has " + property + " " + now + ", the backup has none";
        } else {
            what = "its " + property + (property.endsWith("s") ? " are " : " is ") + now + ", not " + backup;
        }
        return new Finding(on, what, backup == null ? null : backup.toString(), now == null ? null : now.toString());
    }

    /** Something that the backup has and the database has not. */
    public static Finding missing(String on) {
        return new Finding(on, "is missing");
    }

    /** Adds a difference, if there is one. */
    public static void ifDifferent(
            List<Finding> findings, String on, String property, @Nullable Object backup, @Nullable Object now) {
        if (!Objects.equals(backup, now)) {
            findings.add(differs(on, property, backup, now));
        }
    }

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

package io.hyperkeep.check;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * What one check saw.
 *
 * @param level whether a backup can go on
 * @param check the check's name
 * @param what was seen, on what object
 * @param hint what the reader can do, or null; several lines are SQL to paste, whose comments begin with {@code --}
 * @param problem what kind of failure the backup would end with; null unless an error
 */
public record Finding(
        Level level,
        String check,
        String what,
        @Nullable String hint,
        @Nullable Problem problem) {
    /** How bad it is. */
    public enum Level {
        /** As it must be, or worth knowing only. */
        OK,
        /** A backup can be made, but look at this. */
        WARNING,
        /** A backup would fail. */
        ERROR
    }

    static Finding ok(String check, String what) {
        return new Finding(Level.OK, check, what, null, null);
    }

    static Finding warning(String check, String what, @Nullable String hint) {
        return new Finding(Level.WARNING, check, what, hint, null);
    }

    static Finding error(String check, Problem problem, String what, @Nullable String hint) {
        return new Finding(Level.ERROR, check, what, hint, problem);
    }

    /** The failure that the backup would end with. */
    static Finding error(String check, BackupException failure) {
        return error(check, failure.problem(), String.valueOf(failure.getMessage()), failure.hint());
    }

    /** Whether it is about a login or a privilege. */
    public boolean denied() {
        return problem == Problem.DENIED;
    }
}

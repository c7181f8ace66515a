package io.hyperkeep.problem;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a person can act on: it says what failed, on what object and why, and what to do next.
 *
 * <p>It is printed without a stack trace, by the door that the command came through and nowhere else: whoever throws
 * it does not log it too.
 */
public final class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final @Nullable String hint;
    private final boolean passing;

    /**
     * @param problem fixes the exit code
     * @param what what failed, on what object, and why; one sentence, no secrets
     * @param hint what the reader can do next, or null when there is nothing to advise
     */
    public BackupException(Problem problem, String what, @Nullable String hint) {
        this(problem, what, hint, null);
    }

    /**
     * @param problem fixes the exit code
     * @param what what failed, on what object, and why; one sentence, no secrets
     * @param hint what the reader can do next, or null when there is nothing to advise
     * @param cause kept for the debug log; its text is not printed
     */
    public BackupException(Problem problem, String what, @Nullable String hint, @Nullable Throwable cause) {
        this(problem, what, hint, cause, false);
    }

    /**
     * @param problem fixes the exit code
     * @param what what failed, on what object, and why; one sentence, no secrets
     * @param hint what the reader can do next, or null when there is nothing to advise
     * @param cause kept for the debug log; its text is not printed
     * @param passing whether the same may succeed when it is tried again a little later, without anybody doing anything
     */
    public BackupException(
            Problem problem, String what, @Nullable String hint, @Nullable Throwable cause, boolean passing) {
        super(what, cause);
        this.problem = problem;
        this.hint = hint;
        this.passing = passing;
    }

    public Problem problem() {
        return problem;
    }

    /** What to do next, without the word HINT. */
    public @Nullable String hint() {
        return hint;
    }

    /**
     * Whether the same may succeed when it is tried again a little later: a connection lost, a server that restarts, a
     * deadlock. Everything else fails the same way again and is not retried.
     */
    public boolean isPassing() {
        return passing;
    }

    /** The message as the command line prints it: what failed, then a line that starts with HINT. */
    public String text() {
        return hint == null ? getMessage() : getMessage() + System.lineSeparator() + "HINT: " + hint;
    }
}

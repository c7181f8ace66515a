package io.hyperkeep.cli;

import java.io.PrintWriter;

/**
 * Standard error: messages, log lines, and on a terminal one live line below them that is drawn again and again.
 *
 * <p>Thread-safe.
 */
public final class Screen {
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean terminal;
    private String live = "";

    /**
     * @param err standard error
     * @param terminal whether somebody watches it
     */
    public Screen(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** Whether somebody watches. */
    public boolean terminal() {
        return terminal;
    }

    /** Prints lines above the live one. */
    public synchronized void line(String text) {
        if (live.isEmpty()) {
            err.println(text);
        } else {
            err.print(ERASE_LINE);
            err.println(text);
            err.print(live);
        }
        err.flush();
    }

    /** Replaces the live line; an empty text removes it. */
    public synchronized void live(String text) {
        if (!text.equals(live)) {
            err.print(ERASE_LINE + text);
            err.flush();
            live = text;
        }
    }
}

package io.hyperkeep.web;

import java.util.Locale;

/** How a run ended, in the few words that a counter can tell apart. */
enum Outcome {
    SUCCEEDED,
    FAILED,
    /** Somebody asked it to stop. */
    STOPPED,
    /** It was not to be this time. */
    SKIPPED;

    /** Of a state of the record of runs; of one that runs, nothing can be said. */
    static Outcome of(String state) {
        return switch (state) {
            case "FAILED", "ABANDONED", "DEAD" -> FAILED;
            case "STOPPED" -> STOPPED;
            case "SKIPPED" -> SKIPPED;
            case "RUNNING" -> throw new IllegalArgumentException("it has not ended");
            default -> SUCCEEDED;
        };
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

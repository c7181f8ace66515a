package io.hyperkeep.config;

/**
 * How log lines are written.
 *
 * @param format how a line looks
 * @param level what is worth a line; {@code --quiet} and {@code --verbose} are stronger
 */
public record LoggingSettings(Format format, Level level) {
    /** How a line looks. */
    public enum Format {
        /** For people. */
        TEXT,
        /** One JSON object a line, with the field names of the Elastic Common Schema. */
        JSON
    }

    /** What is worth a line, from the least. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }
}

package io.hyperkeep.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the section {@code logging}. */
final class ReadLogging {
    static final Set<String> KEYS = Set.of("format", "level");

    private ReadLogging() {}

    static LoggingSettings run(GeneralSection section) {
        return new LoggingSettings(
                section.read(
                        "format",
                        "text",
                        text -> LoggingSettings.Format.valueOf(one(text, LoggingSettings.Format.values()))),
                section.read(
                        "level",
                        "info",
                        text -> LoggingSettings.Level.valueOf(one(text, LoggingSettings.Level.values()))));
    }

    private static String one(String text, Enum<?>[] values) {
        List<String> words = Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
        return PlanValues.one(text, words).toUpperCase(Locale.ROOT);
    }
}

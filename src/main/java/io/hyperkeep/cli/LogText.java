package io.hyperkeep.cli;

import java.util.stream.Collectors;

/**
 * Takes from a text what would act on a terminal or pass for another log line: names of tables and messages of servers
 * may hold anything.
 */
final class LogText {
    private LogText() {}

    /** One line: line ends and other control characters are written as Java would write them. */
    static String oneLine(String text) {
        if (text.chars().noneMatch(LogText::acts)) {
            return text;
        }
        StringBuilder line = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (acts(c)) {
                        line.append(String.format("\\u%04x", c));
                    } else {
                        line.append((char) c);
                    }
                }
            }
        });
        return line.toString();
    }

    /** Several lines, each of them as {@link #oneLine} makes it, indented so that none passes for the first of another event. */
    static String lines(String text) {
        return text.lines()
                .map(line -> "    " + oneLine(line.replace("\t", "    ")))
                .collect(Collectors.joining(System.lineSeparator()));
    }

    /** Control characters, ends of lines and paragraphs, and what turns the direction of writing around. */
    private static boolean acts(int c) {
        return Character.isISOControl(c)
                || c == 0x2028
                || c == 0x2029
                || c >= 0x202a && c <= 0x202e
                || c >= 0x2066 && c <= 0x2069;
    }
}

package io.hyperkeep.database;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client program wrote to standard error.
 *
 * @param errors each error with its details, in one text
 * @param warnings each warning with its details, but not the harmless ones
 * @param circularForeignKeys how many harmless warnings there were: TimescaleDB's catalog tables refer to each other,
 *     pg_dump warns of that in every database with the extension, and it matters to data-only dumps alone
 */
public record ClientMessages(List<String> errors, List<String> warnings, int circularForeignKeys) {
    private static final Pattern LINE = Pattern.compile(
            "^\\S*?(?:pg_dump|pg_dumpall|pg_restore|psql)\\S*: (?:\\S+:\\d+: )?(?:(error|warning|detail|hint): )?(.*)$",
            Pattern.DOTALL);
    private static final String CIRCULAR = "there are circular foreign-key constraints";
    private static final Set<String> TIMESCALE = Set.of("hypertable", "chunk", "continuous_agg");

    public ClientMessages {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /** Sorts the lines that a program wrote with {@code LC_ALL=C}. */
    static ClientMessages of(List<String> lines) {
        List<Message> messages = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line);
            String kind = matcher.matches() && matcher.group(1) != null ? matcher.group(1) : "";
            boolean goesOn = kind.equals("detail") || kind.equals("hint") || !matcher.matches();
            if (goesOn && !messages.isEmpty()) {
                Message last = messages.get(messages.size() - 1);
                (kind.equals("hint") ? last.hints : last.details).add(matcher.matches() ? matcher.group(2) : line);
            } else {
                messages.add(new Message(kind, matcher.matches() ? matcher.group(2) : line));
            }
        }
        return new ClientMessages(
                texts(messages, "error"),
                texts(messages.stream().filter(message -> !message.harmless()).toList(), "warning"),
                (int) messages.stream().filter(Message::harmless).count());
    }

    private static List<String> texts(List<Message> messages, String kind) {
        return messages.stream()
                .filter(message -> message.kind.equals(kind))
                .map(Message::text)
                .toList();
    }

    private static final class Message {
        private final String kind;
        private final String first;
        private final List<String> details = new ArrayList<>();
        private final List<String> hints = new ArrayList<>();

        Message(String kind, String first) {
            this.kind = kind;
            this.first = first;
        }

        boolean harmless() {
            return kind.equals("warning")
                    && first.startsWith(CIRCULAR)
                    && TIMESCALE.containsAll(details)
                    && !details.isEmpty();
        }

        String text() {
            return details.isEmpty() ? first : first + " " + String.join(" ", details);
        }
    }
}

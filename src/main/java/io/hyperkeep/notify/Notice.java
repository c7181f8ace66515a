package io.hyperkeep.notify;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.secret.MaskLogins;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell.
 *
 * @param events what it is, the most urgent first; empty for the beginning of a backup, which only pings tell
 * @param summary one line
 * @param at when it happened
 * @param host the machine that tells it
 * @param plan the plan's name, or null
 * @param database the source, or null
 * @param repository the repository's folder, or null
 * @param run what is known of a run, or null when none was begun
 */
record Notice(
        Set<Event> events,
        String summary,
        Instant at,
        String host,
        @Nullable String plan,
        @Nullable String database,
        @Nullable String repository,
        @Nullable Ended run) {
    /** The longest text of a failure or warning that is told: some receivers refuse long messages. */
    private static final int LONGEST = 2_000;

    private static final int MOST_WARNINGS = 20;

    Notice {
        summary = clipped(summary.lines().findFirst().orElse(""));
        events = events.isEmpty() ? Set.of() : java.util.Collections.unmodifiableSet(EnumSet.copyOf(events));
    }

    /**
     * How a run ended; nulls where nothing is known.
     *
     * @param job what ran: {@code backup}, {@code prune}, {@code verify} or {@code drill}
     * @param run its number
     * @param state SEALED, PASSED …, FAILED, STOPPED or SKIPPED
     * @param backup the backup's folder
     * @param rows in the backup
     * @param bytes stored for it
     * @param took wall time
     * @param warnings what the backup lacks, or what went wrong after it
     * @param failure why there is no backup
     */
    record Ended(
            @Nullable String job,
            @Nullable Long run,
            @Nullable String state,
            @Nullable String backup,
            @Nullable Long rows,
            @Nullable Long bytes,
            @Nullable Duration took,
            List<Warning> warnings,
            @Nullable BackupException failure) {}

    /** What a receiver hears of it as: the most urgent of what it wants to hear, or null when it wants none of it. */
    @Nullable
    Event heardBy(ReceiverSettings receiver) {
        return events.stream()
                .filter(event -> event == Event.TEST || receiver.on().contains(event))
                .findFirst()
                .orElse(null);
    }

    /** The fields of the document that a webhook gets; values that are not known are null. */
    Map<String, @Nullable Object> document(Event event) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("event", event.word());
        document.put("text", summary);
        document.put("time", at.toString());
        document.put("host", host);
        document.put("plan", plan);
        document.put("database", database);
        document.put("repository", repository);
        Ended ended = run == null ? new Ended(null, null, null, null, null, null, null, List.of(), null) : run;
        document.put("job", ended.job());
        document.put("run", ended.run());
        document.put("state", ended.state());
        document.put("backup", ended.backup());
        document.put("rows", ended.rows());
        document.put("storedBytes", ended.bytes());
        document.put("seconds", ended.took() == null ? null : ended.took().toMillis() / 1000.0);
        document.put(
                "warnings",
                ended.warnings().stream()
                        .limit(MOST_WARNINGS)
                        .map(warning -> Map.of("code", warning.code(), "text", clipped(warning.text())))
                        .toList());
        BackupException failure = ended.failure();
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        if (failure != null) {
            told.put("code", failure.problem().code());
            told.put("message", clipped(failure.getMessage()));
            told.put("hint", failure.hint());
        }
        document.put("failure", failure == null ? null : told);
        return document;
    }

    /** The whole of it for people: the summary, then a line for each thing that is known. */
    String text() {
        StringBuilder text = new StringBuilder(summary).append("\n\n");
        line(text, "plan", plan);
        line(text, "database", database);
        line(text, "repository", repository);
        Ended ended = run;
        if (ended != null) {
            line(text, "job", ended.job());
            line(text, "run", ended.run());
            line(text, "state", ended.state());
            line(text, "backup", ended.backup());
            line(text, "rows", ended.rows());
            line(text, "stored bytes", ended.bytes());
            line(text, "seconds", ended.took() == null ? null : ended.took().toSeconds());
            ended.warnings().stream()
                    .limit(MOST_WARNINGS)
                    .forEach(warning -> line(text, "WARNING", clipped(warning.text())));
            if (ended.failure() != null) {
                line(text, "failure", clipped(ended.failure().getMessage()));
                line(text, "HINT", ended.failure().hint());
            }
        }
        line(text, "time", at);
        line(text, "host", host);
        return text.toString();
    }

    private static void line(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            text.append(name).append(": ").append(value).append('\n');
        }
    }

    /** What others wrote into it, such as the last lines of a hook, must not tell a password. */
    static String clipped(String written) {
        String text = MaskLogins.in(written);
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }
}

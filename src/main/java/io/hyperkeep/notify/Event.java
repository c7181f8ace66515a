package io.hyperkeep.notify;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What people can be told of, the most urgent first. */
public enum Event {
    /** A backup was begun, or was to be begun, and none was made: it failed or was stopped. */
    FAILURE,
    /** A schedule did not start its backup. */
    MISSED,
    /** A plan has no good backup that is as new as it should be. */
    STALE,
    /** The first success after a failure. */
    RECOVERY,
    /** A success that lacks something, or is not consistent. */
    WARNING,
    /** The hook before a backup wanted none. */
    SKIPPED,
    /** Any success. */
    SUCCESS,
    /** Somebody tries whether a receiver hears: every receiver is told of it. */
    TEST;

    /** What a receiver hears of that says nothing else. */
    public static final Set<Event> STANDARD = Set.copyOf(EnumSet.of(FAILURE, MISSED, STALE, RECOVERY, WARNING));

    /** What a receiver can ask for. */
    public static List<String> words() {
        return Arrays.stream(values())
                .filter(event -> event != TEST)
                .map(Event::word)
                .toList();
    }

    /** Its name in the configuration and in documents. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

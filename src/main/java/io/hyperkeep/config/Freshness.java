package io.hyperkeep.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How old the newest good backup of a plan may become.
 *
 * @param scheduled whether the plan's schedule says it
 * @param limit the age, or null when the schedule says it or nobody does
 */
public record Freshness(boolean scheduled, @Nullable Duration limit) {
    /** Twice the longest pause between two scheduled backups; a plan without a schedule may be as old as it is. */
    public static final Freshness OF_SCHEDULE = new Freshness(true, null);

    /** Any age is right. */
    public static final Freshness NONE = new Freshness(false, null);

    static Freshness read(String text) {
        return switch (text) {
            case "schedule" -> OF_SCHEDULE;
            case "none" -> NONE;
            default -> of(text);
        };
    }

    private static Freshness of(String text) {
        try {
            return new Freshness(
                    false, Quantity.duration(text, Duration.ofMinutes(1), Duration.ofDays(36_500), "1m to 36500d"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ", nor schedule or none", e);
        }
    }
}

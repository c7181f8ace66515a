package io.hyperkeep.schedule;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * A local time of a schedule that is not there, or is there twice, because clocks are changed.
 *
 * @param expression the schedule
 * @param zone whose clocks
 * @param local the time; the first, if there are several on that day
 * @param skipped whether it is not there; else it is there twice
 * @param fires when it fires, once
 */
public record ClockChange(String expression, ZoneId zone, LocalDateTime local, boolean skipped, Instant fires) {
    private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm xxx");

    /** For people, in a sentence. */
    public String told() {
        return "'" + expression + "': " + MINUTES.format(local) + " in " + zone
                + (skipped
                        ? " does not exist, as clocks go forward; it fires at "
                        : " comes twice, as clocks go back; it fires at ")
                + CLOCK.format(fires.atZone(zone)) + ", once";
    }
}

package io.hyperkeep.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How long nothing happens between the firings of a schedule; decided from times alone. */
public final class Pauses {
    /** A year and a month: yearly schedules, and both changes of clocks. */
    private static final Duration AHEAD = Duration.ofDays(400);

    /** Two weeks of a schedule of every minute: what is left out on weekends shows. */
    private static final int MOST_FIRINGS = 20_160;

    private Pauses() {}

    /**
     * The longest time between two firings that follow each other, of which the first is in the next 400 days, and that no
     * window of blackout leaves out.
     *
     * @param from where to begin to look
     * @return nothing when it fires less than twice any more
     */
    public static Optional<Duration> longest(Schedule schedule, Instant from) {
        Instant until = from.plus(AHEAD);
        Instant before = null;
        Duration longest = Duration.ZERO;
        Optional<Instant> next = schedule.next(from);
        for (int i = 0; i < MOST_FIRINGS && next.isPresent() && (before == null || !before.isAfter(until)); i++) {
            Instant firing = next.get();
            if (schedule.blackoutAt(schedule.begins(firing)).isEmpty()) {
                if (before != null && Duration.between(before, firing).compareTo(longest) > 0) {
                    longest = Duration.between(before, firing);
                }
                before = firing;
            }
            next = schedule.next(firing);
        }
        return longest.isZero() ? Optional.empty() : Optional.of(longest);
    }
}

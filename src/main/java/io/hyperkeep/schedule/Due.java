package io.hyperkeep.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Which firings of a schedule are due, and which were missed; decided from times alone.
 *
 * @param missed those that are not run, oldest first
 * @param dropped how many more were missed before the oldest of these, and are not listed one by one
 * @param fire those that are run now, oldest first
 */
record Due(List<Instant> missed, long dropped, List<Instant> fire) {
    /** A firing that begins so late is still on time: a busy machine, a daemon that takes over from another. */
    static final Duration TOLERANCE = Duration.ofSeconds(60);

    /** So many missed firings are told one by one; a schedule of every second may have missed millions. */
    static final int MOST_MISSED = 100;

    /**
     * Decides.
     *
     * @param accounted the last firing of which it is known what became, or the moment since which there is a schedule
     * @param now the present
     */
    static Due of(Schedule schedule, Instant accounted, Instant now) {
        Deque<Instant> missed = new ArrayDeque<>();
        List<Instant> fire = new ArrayList<>();
        long dropped = 0;
        Instant onTime = now.minus(TOLERANCE);
        Instant firing = schedule.next(accounted).orElse(null);
        while (firing != null && !schedule.begins(firing).isAfter(now)) {
            if (schedule.begins(firing).isBefore(onTime)) {
                missed.add(firing);
                if (missed.size() > MOST_MISSED) {
                    missed.remove();
                    dropped++;
                }
            } else {
                fire.add(firing);
            }
            firing = schedule.next(firing).orElse(null);
        }
        if (fire.isEmpty() && !missed.isEmpty() && schedule.catchUp() == CatchUp.ONCE) {
            fire.add(missed.removeLast());
        }
        return new Due(List.copyOf(missed), dropped, fire);
    }
}

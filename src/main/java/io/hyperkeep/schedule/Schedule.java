package io.hyperkeep.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * When one job of one plan fires. Its firings are the instants that its expressions mean, each once; with a jitter they
 * begin somewhat later, and are still the same firings.
 *
 * @param plan the plan's name
 * @param job what is done
 * @param times one or more expressions
 * @param zone whose clocks they and the windows mean
 * @param catchUp what becomes of missed firings
 * @param jitter a firing begins up to so much later than scheduled
 * @param blackout windows in which nothing begins
 */
public record Schedule(
        String plan,
        ScheduledJob job,
        List<LocalTimes> times,
        ZoneId zone,
        CatchUp catchUp,
        Duration jitter,
        List<BlackoutWindow> blackout) {
    public Schedule {
        times = List.copyOf(times);
        blackout = List.copyOf(blackout);
    }

    /** Which schedule it is: {@code nightly/backup}. */
    public String key() {
        return plan + "/" + job.label();
    }

    /** What it is made of; a schedule of other words is another schedule. */
    public String words() {
        return times.stream().map(LocalTimes::expression).collect(Collectors.joining(" | ")) + " in " + zone;
    }

    /** The first firing after an instant, or nothing if there is none any more. */
    public Optional<Instant> next(Instant after) {
        return times.stream().flatMap(each -> each.next(after).stream()).min(Instant::compareTo);
    }

    /** The next firings after an instant, in their order. */
    public List<Instant> next(Instant after, int most) {
        List<Instant> next = new ArrayList<>();
        Optional<Instant> one = next(after);
        while (one.isPresent() && next.size() < most) {
            next.add(one.get());
            one = next(one.get());
        }
        return next;
    }

    /**
     * When a firing begins. The same firing begins at the same time in every daemon, so the delay is no chance but comes
     * from the firing itself.
     */
    public Instant begins(Instant scheduled) {
        if (jitter.isZero()) {
            return scheduled;
        }
        long spread = Integer.toUnsignedLong((key() + scheduled).hashCode() * 0x9E3779B9);
        return scheduled.plusMillis(jitter.toMillis() * (spread >>> 8) >>> 24);
    }

    /** The window that an instant is in, if any. */
    public Optional<BlackoutWindow> blackoutAt(Instant instant) {
        return blackout.stream().filter(window -> window.covers(instant, zone)).findFirst();
    }

    /** What changes of clocks skip or double. */
    public List<ClockChange> clockChanges(Instant from, Duration within) {
        return times.stream()
                .flatMap(each -> each.clockChanges(from, within).stream())
                .toList();
    }
}

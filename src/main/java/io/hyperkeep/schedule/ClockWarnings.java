package io.hyperkeep.schedule;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Says which schedules changes of clocks will skip or double, and when. Thread-safe. */
public final class ClockWarnings {
    /** A year and a month: both changes, whenever somebody looks. */
    private static final Duration AHEAD = Duration.ofDays(400);

    private final Clock clock;

    public ClockWarnings(Clock clock) {
        this.clock = clock;
    }

    /** A sentence for each change and schedule, from now on. */
    public List<String> of(List<Schedule> schedules) {
        return schedules.stream()
                .flatMap(schedule -> schedule.clockChanges(clock.instant(), AHEAD).stream()
                        .map(change -> "schedule " + schedule.key() + ", " + change.told()))
                .toList();
    }
}

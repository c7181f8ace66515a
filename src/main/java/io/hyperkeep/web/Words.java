package io.hyperkeep.web;

import io.hyperkeep.runs.Run;
import java.time.Duration;

/** Puts times and failures into few words. */
final class Words {
    private Words() {}

    /** {@code 2d 3h}, {@code 26h 10m}, {@code 90s}: the two largest units that say something. */
    static String of(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return two(seconds, 60, "m", 1, "s");
        }
        return seconds < 48 * 3600 ? two(seconds, 3600, "h", 60, "m") : two(seconds, 86_400, "d", 3600, "h");
    }

    private static String two(long seconds, long large, String largeUnit, long small, String smallUnit) {
        long rest = seconds % large / small;
        return seconds / large + largeUnit + (rest == 0 ? "" : " " + rest + smallUnit);
    }

    /** The first line of why a run failed. */
    static String why(Run run) {
        String failure = run.failure();
        if (failure == null || failure.isBlank()) {
            return run.state().equals("DEAD") ? "its process died" : "no reason is recorded";
        }
        return failure.lines().findFirst().orElse(failure);
    }
}

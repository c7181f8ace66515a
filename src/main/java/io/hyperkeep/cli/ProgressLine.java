package io.hyperkeep.cli;

import io.hyperkeep.runs.RunProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a run is: on a terminal one live line, else a line every ten seconds. It does nothing by itself:
 * somebody calls {@link #tick()}. Not thread-safe.
 */
final class ProgressLine {
    private static final Duration EVERY = Duration.ofSeconds(10);
    // long enough to be calm, short enough to notice a stall
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final int WIDTH = 79;

    private final RunProgress progress;
    private final Screen screen;
    private final Clock clock;
    private final Deque<Reading> readings = new ArrayDeque<>();
    private @Nullable Instant unitsBegan;
    private String phase = "";
    private Instant printed;

    ProgressLine(RunProgress progress, Screen screen, Clock clock) {
        this.progress = progress;
        this.screen = screen;
        this.clock = clock;
        this.printed = clock.instant();
    }

    /** Looks at the progress and shows it, if it is time to. */
    void tick() {
        Instant now = clock.instant();
        RunProgress.View view = progress.view();
        if (!view.phase().equals(phase)) {
            // each phase counts anew
            phase = view.phase();
            unitsBegan = null;
            readings.clear();
        }
        if (unitsBegan == null && view.unitsTotal() > 0) {
            unitsBegan = now;
        }
        readings.addLast(new Reading(now, view.rows()));
        while (readings.size() > 2
                && Duration.between(readings.getFirst().at(), now).compareTo(WINDOW) > 0) {
            readings.removeFirst();
        }
        if (screen.terminal()) {
            String text = text(view, now);
            screen.live(text.length() > WIDTH ? text.substring(0, WIDTH) : text);
        } else if (Duration.between(printed, now).compareTo(EVERY) >= 0) {
            printed = now;
            screen.line(text(view, now));
        }
    }

    /** Removes the live line. */
    void end() {
        if (screen.terminal()) {
            screen.live("");
        }
    }

    private String text(RunProgress.View view, Instant now) {
        if (view.unitsTotal() == 0) {
            return view.phase();
        }
        StringBuilder text = new StringBuilder(view.phase())
                .append("  ")
                .append(view.unitsDone())
                .append('/')
                .append(Figures.count(view.unitsTotal(), "unit"))
                .append("  ")
                .append(Figures.count(view.rows()))
                .append(" rows  ")
                .append(Figures.count(rowsPerSecond(now)))
                .append("/s  ")
                .append(Figures.size(view.csvBytes()));
        if (view.expectedBytes() > 0) {
            // estimates, so that the last unit may weigh more than was left
            double done = Math.min(1, (double) view.doneBytes() / view.expectedBytes());
            text.append("  ").append((int) (done * 100)).append('%');
            Duration spent = Duration.between(unitsBegan == null ? now : unitsBegan, now);
            if (done > 0 && done < 1 && !spent.isZero()) {
                long left = (long) (spent.toMillis() * (1 - done) / done);
                text.append("  ETA ").append(Figures.duration(Duration.ofMillis(left)));
            }
        }
        return text.toString();
    }

    private long rowsPerSecond(Instant now) {
        Reading first = readings.getFirst();
        long millis = Duration.between(first.at(), now).toMillis();
        return millis == 0 ? 0 : (readings.getLast().rows() - first.rows()) * 1000 / millis;
    }

    private record Reading(Instant at, long rows) {}
}

package io.hyperkeep.cli;

import io.hyperkeep.runs.RunProgress;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Ticks a progress line until it is closed. */
final class ShowProgress implements AutoCloseable {
    private final ProgressLine line;
    private final ScheduledExecutorService timer;

    ShowProgress(RunProgress progress, Screen screen, Clock clock) {
        this.line = new ProgressLine(progress, screen, clock);
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
        });
    }

    void begin() {
        timer.scheduleAtFixedRate(line::tick, 250, 250, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            // the line must not be drawn again after it was removed
            timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        line.end();
    }
}

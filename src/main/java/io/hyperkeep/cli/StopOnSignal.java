package io.hyperkeep.cli;

import io.hyperkeep.problem.Problem;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * Turns Ctrl-C and SIGTERM into a stop of the run, until it is closed. Thread-safe.
 *
 * <p>Signals are caught before the JVM's shutdown begins, not in a shutdown hook: H2 closes the metadata in a hook of
 * its own, and the end of the run has to be recorded there first. A second signal ends the process at once.
 */
final class StopOnSignal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Screen screen;
    private final AtomicReference<@Nullable Runnable> running = new AtomicReference<>();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Map<String, Object> before = new LinkedHashMap<>();

    StopOnSignal(Screen screen) {
        this.screen = screen;
        for (String signal : new String[] {"INT", "TERM", "HUP"}) {
            before.put(signal, Signals.register(signal, this::signalled));
        }
    }

    /**
     * Says how to stop; it is done at once if a signal came before.
     *
     * @param stop returns at once; called once or twice
     */
    void watch(Runnable stop) {
        running.set(stop);
        if (asked.get()) {
            stop.run();
        }
    }

    /** Whether somebody asked to stop. */
    boolean asked() {
        return asked.get();
    }

    private void signalled() {
        if (!asked.compareAndSet(false, true)) {
            screen.line("hyperkeep: ended at once; `hyperkeep runs` shows what was running");
            halt();
        }
        screen.line("hyperkeep: stopping the run; once more ends it at once");
        Thread patience = new Thread(this::haltLater, "stop-patience");
        patience.setDaemon(true);
        patience.start();
        Runnable stop = running.get();
        if (stop != null) {
            stop.run();
        }
    }

    private void haltLater() {
        try {
            Thread.sleep(PATIENCE.toMillis());
            screen.line("hyperkeep: the run did not stop within " + Figures.duration(PATIENCE)
                    + " and was ended; `hyperkeep runs` shows it");
            halt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Not exit: its hooks could wait for the very thing that does not end. */
    private static void halt() {
        Runtime.getRuntime().halt(Problem.INTERRUPTED.exitCode());
    }

    @Override
    public void close() {
        before.forEach(Signals::unregister);
    }
}

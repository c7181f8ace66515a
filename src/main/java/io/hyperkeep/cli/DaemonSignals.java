package io.hyperkeep.cli;

import io.hyperkeep.problem.Problem;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * What signals ask of the daemon: INT and TERM to stop, HUP to read the configuration anew. As {@link StopOnSignal}, they are
 * caught before the JVM's shutdown begins; a second signal to stop ends the process at once. Thread-safe.
 */
final class DaemonSignals implements AutoCloseable {
    /** What is asked for. */
    enum Request {
        STOP,
        RELOAD
    }

    /** Who ends a process and its group sends the same signal twice. */
    private static final Duration ONE_REQUEST = Duration.ofSeconds(1);

    private final Screen screen;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Long> stopping = new AtomicReference<>();
    private final Map<String, Object> before = new LinkedHashMap<>();

    DaemonSignals(Screen screen) {
        this.screen = screen;
        before.put("INT", Signals.register("INT", this::stop));
        before.put("TERM", Signals.register("TERM", this::stop));
        before.put("HUP", Signals.register("HUP", () -> requests.add(Request.RELOAD)));
    }

    private void stop() {
        long now = System.nanoTime();
        if (!stopping.compareAndSet(null, now)) {
            if (now - Objects.requireNonNull(stopping.get()) < ONE_REQUEST.toNanos()) {
                return;
            }
            screen.line("hyperkeep: ended at once; `hyperkeep runs` shows what was running");
            Runtime.getRuntime().halt(Problem.INTERRUPTED.exitCode());
        }
        requests.add(Request.STOP);
    }

    /** Waits for the next request. */
    Request await() {
        try {
            return requests.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Request.STOP;
        }
    }

    @Override
    public void close() {
        before.forEach(Signals::unregister);
    }
}

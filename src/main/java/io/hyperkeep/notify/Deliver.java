package io.hyperkeep.notify;

import io.hyperkeep.jobs.RunFields;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to several receivers at once, each within its own timeout, tries again what may pass, and logs a warning of what
 * was not delivered. Each delivery has a thread of its own, so that nothing that hangs, be it the lookup of a name, is
 * waited for longer. Thread-safe: it has no state.
 */
final class Deliver {
    private static final Logger log = LoggerFactory.getLogger(Deliver.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    /** One try, within the time that is left. */
    @FunctionalInterface
    interface Try {
        void run(Duration left) throws Undelivered, InterruptedException;
    }

    /** A delivery under way. */
    static final class Delivery {
        private final ReceiverSettings receiver;
        private final long deadline;
        private final FutureTask<Void> work;

        private Delivery(ReceiverSettings receiver, Try one) {
            this.receiver = receiver;
            this.deadline = System.nanoTime() + receiver.timeout().toNanos();
            this.work = new FutureTask<>(() -> {
                repeat(one, deadline);
                return null;
            });
        }

        /** Waits until the receiver has it, or its timeout is over, and logs a warning if it has not. */
        void await() {
            log(whyNot());
        }

        /** Waits for so long only. */
        void await(Duration atMost) {
            log(whyNot(atMost.toNanos()));
        }

        private void log(@Nullable String whyNot) {
            if (whyNot != null) {
                log.warn("receiver {} was not told: {}", receiver.name(), whyNot);
            }
        }

        /** Waits until the receiver has it, or its timeout is over: then, a clause that says why not; null if it has it. */
        @Nullable
        String whyNot() {
            return whyNot(deadline - System.nanoTime());
        }

        /** Whether this receiver is told. */
        boolean isTo(ReceiverSettings other) {
            return receiver.name().equals(other.name());
        }

        private @Nullable String whyNot(long nanos) {
            try {
                work.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
                return null;
            } catch (ExecutionException e) {
                return why(e.getCause());
            } catch (TimeoutException | CancellationException e) {
                return "it took longer than " + receiver.timeout().toMillis() + " ms";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "interrupted";
            } finally {
                work.cancel(true);
            }
        }
    }

    /** Begins a delivery; returns at once. */
    Delivery begin(ReceiverSettings receiver, Try one) {
        Delivery delivery = new Delivery(receiver, one);
        Thread thread = new Thread(RunFields.carried(delivery.work), "notify-" + receiver.name());
        thread.setDaemon(true);
        thread.start();
        return delivery;
    }

    /** Waits for all of them: as long as the longest timeout, at most. */
    static void await(List<Delivery> deliveries) {
        deliveries.forEach(Delivery::await);
    }

    private static void repeat(Try one, long deadline) throws Undelivered, InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                one.run(Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime())));
                return;
            } catch (Undelivered e) {
                if (!e.isPassing() || System.nanoTime() + pause.toNanos() >= deadline) {
                    throw e;
                }
            }
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            pause = pause.multipliedBy(2);
        }
    }

    /** Nothing of an exception that we did not write ourselves: it may repeat the URL. */
    private static String why(Throwable cause) {
        return cause instanceof Undelivered known
                ? known.getMessage()
                : "unexpected " + cause.getClass().getSimpleName();
    }
}

package io.hyperkeep.crew;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Works off a list with several {@link Hand}s at once. */
public final class Crew<T> {
    private static final long CANCEL_EVERY_MILLIS = 1_000;
    private static final long GRACE_MILLIS = 60_000;

    private final String name;
    private final Queue<T> items;
    private final List<Hand<T>> hands = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Crew(String name, List<T> items) {
        this.name = name;
        this.items = new ConcurrentLinkedQueue<>(items);
    }

    /**
     * Works off all items and returns when that is done and every hand is closed.
     *
     * @param name of the threads, and in the message of an interrupt, e.g. {@code import}
     * @param jobs how many hands, at most; at least 1
     * @param items begun in this order
     * @param hand makes a hand, on the thread that will use it
     * @throws BackupException the first failure of a hand; INTERRUPTED when this thread is interrupted, whose flag stays
     *     set
     */
    public static <T> void work(String name, int jobs, List<T> items, Supplier<? extends Hand<T>> hand) {
        if (jobs < 1) {
            throw new IllegalArgumentException("a crew of " + jobs);
        }
        new Crew<>(name, items).run(Math.min(jobs, items.size()), hand);
    }

    private void run(int jobs, Supplier<? extends Hand<T>> hand) {
        CountDownLatch running = new CountDownLatch(jobs);
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= jobs; i++) {
            Thread thread = new Thread(() -> use(hand, running), "hyperkeep-" + name + "-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        boolean interrupted = false;
        try {
            while (!running.await(CANCEL_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                if (failure.get() != null) {
                    // again and again: a hand may have been between two statements when it was cancelled
                    cancelHands();
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
            failure.compareAndSet(null, stopped(e));
            end(running, threads);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        rethrow(failure.get());
    }

    private void use(Supplier<? extends Hand<T>> supplier, CountDownLatch running) {
        try (Hand<T> hand = supplier.get()) {
            synchronized (hands) {
                hands.add(hand);
            }
            try {
                for (T item = next(); item != null; item = next()) {
                    hand.work(item);
                }
            } finally {
                synchronized (hands) {
                    hands.remove(hand);
                }
            }
        } catch (Throwable e) {
            // also errors: a worker that ran out of memory must not look like one that has finished
            if (failure.compareAndSet(null, e instanceof InterruptedException i ? stopped(i) : e)) {
                cancelHands();
            }
        } finally {
            running.countDown();
        }
    }

    private @Nullable T next() {
        return failure.get() == null ? items.poll() : null;
    }

    private void cancelHands() {
        List<Hand<T>> now;
        synchronized (hands) {
            now = List.copyOf(hands);
        }
        now.forEach(Hand::cancel);
    }

    /** After an interrupt: cancels until all have ended, with the interrupt put off. */
    private void end(CountDownLatch running, List<Thread> threads) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
        boolean ended = false;
        while (!ended && System.nanoTime() < deadline) {
            cancelHands();
            threads.forEach(Thread::interrupt);
            try {
                ended = running.await(CANCEL_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                // we are ending already, as fast as the server lets us
            }
        }
    }

    private BackupException stopped(InterruptedException e) {
        return new BackupException(Problem.INTERRUPTED, "interrupted during " + name, null, e);
    }

    private static void rethrow(@Nullable Throwable failure) {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure != null) {
            throw new IllegalStateException("a hand may not throw this", failure);
        }
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a run in this process: its progress, whether it was asked to stop, why it failed, and what has to be
 * closed when it ends. What steps hand to each other is in the subclasses.
 *
 * <p>Thread-safe. It lives from the launch to the end of the job; nothing of it outlives the process, because sessions
 * and snapshots do not either: a restart begins with the first step.
 */
public abstract class Attempt implements AutoCloseable {
    /** How long a server has to answer requests to cancel. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Together with a beat of the run's heart, by which it hears of a stop, well below the 2 s that a COPY may last on. */
    private static final Duration CANCEL_AGAIN = Duration.ofMillis(250);

    private final RunProgress progress;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable BackupException> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable BackupException> aborted = new AtomicReference<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final Set<Thread> phases = new HashSet<>();
    private final @Nullable Long restarts;
    private final Set<Attempt> parts = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Attempt whole;
    private volatile Runnable whenBegun = () -> {};
    private volatile long run;
    private volatile List<Long> earlierRuns = List.of();

    /** @param restarts the run that this one restarts, or null for a fresh one */
    Attempt(RunProgress progress, @Nullable Long restarts) {
        this.progress = progress;
        this.restarts = restarts;
    }

    public RunProgress progress() {
        return progress;
    }

    /** The run's number; known once the job has begun. */
    public long run() {
        return run;
    }

    /** The run that this one restarts, or null for a fresh one. */
    @Nullable
    Long restarts() {
        return restarts;
    }

    /**
     * The runs that tried the same before, newest first: the one that this one restarts, the one that that one
     * restarted, and so on. Empty for a fresh run. Known once the job has begun; none of them runs any more.
     */
    public List<Long> earlierRuns() {
        return earlierRuns;
    }

    /** Whether a phase has nothing to do, because of what an earlier phase found. */
    boolean leavesOut(String phase) {
        return false;
    }

    /** Makes it a part of another attempt, which stops it when it is to stop or fails as a whole. */
    void within(Attempt other) {
        whole = other;
        other.parts.add(this);
        if (other.isStopping() || other.aborted() != null) {
            stop();
        }
    }

    /** The run that this one is a part of, or null. */
    @Nullable
    Long wholeRun() {
        Attempt other = whole;
        return other == null ? null : other.run();
    }

    /** Says what to do once the run is recorded. */
    void whenBegun(Runnable then) {
        this.whenBegun = then;
    }

    void numbered(long number, List<Long> earlier) {
        this.run = number;
        this.earlierRuns = List.copyOf(earlier);
    }

    /** The run is recorded. */
    void begun() {
        whenBegun.run();
    }

    /** Asks the attempt to end soon; returns at once. */
    void stop() {
        stopping.set(true);
        end();
    }

    private void end() {
        parts.forEach(Attempt::stop);
        synchronized (phases) {
            phases.forEach(Thread::interrupt);
        }
        // on threads of their own: over a network that stands still, asking the server to cancel takes long too
        daemon("cancel", this::cancelUntilClosed);
        daemon("cut-off", this::cutOffLater);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Again and again: what was between two statements when it was cancelled waits in the next one. */
    private void cancelUntilClosed() {
        try {
            do {
                cancel();
            } while (!closed.await(CANCEL_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void cutOffLater() {
        try {
            if (!closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                cutOff();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Work that may throw anything. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /**
     * Does a phase's or a unit's work so that {@link #stop()} interrupts it. Only the flow's own code runs inside: an
     * interrupt that met the metadata database would close its file.
     */
    public void interruptibly(Work work) throws Exception {
        synchronized (phases) {
            phases.add(Thread.currentThread());
        }
        try {
            work.run();
        } finally {
            synchronized (phases) {
                phases.remove(Thread.currentThread());
            }
            // nobody interrupts from here on, and nobody must find the flag of one that came too late
            Thread.interrupted();
        }
    }

    /** What the record of runs says of it. */
    abstract RunRecords.Begin record();

    /** Cancels whatever waits for a server right now, from another thread. */
    abstract void cancel();

    /** Closes every connection under the hands of who uses it, without a word to the server. */
    abstract void cutOff();

    /** Whether it was asked to stop: errors are then its consequence. */
    public boolean isStopping() {
        return stopping.get();
    }

    /** Ends the attempt as failed, from outside of its steps: whatever runs is cancelled, and nothing more is begun. */
    public void abort(BackupException why) {
        failed(why);
        if (aborted.compareAndSet(null, why)) {
            end();
        }
    }

    /** Why nothing more is to be begun, or null. */
    @Nullable
    BackupException aborted() {
        return aborted.get();
    }

    /** Remembers the first failure: later ones are mostly its consequences. */
    void failed(BackupException why) {
        failure.compareAndSet(null, why);
    }

    @Nullable
    BackupException failure() {
        return failure.get();
    }

    /** Hands over something to close when the attempt ends; closed in reverse order. */
    public synchronized <T extends AutoCloseable> T closing(T resource) {
        resources.add(resource);
        return resource;
    }

    /**
     * Ends the attempt: sessions, locks, files.
     *
     * @throws BackupException when something could not be closed
     */
    @Override
    public synchronized void close() {
        closed.countDown();
        if (whole != null) {
            whole.parts.remove(this);
        }
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (BackupException e) {
                failed(e);
            } catch (Exception e) {
                failed(Failures.unexpected(e));
            }
        }
        resources.clear();
    }
}

package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The sessions of one attempt, all in one snapshot: a holder that took it, and workers that imported it.
 *
 * <p>A worker's session that ended is replaced by another one in the same snapshot, which has no locks but those that
 * it takes for its unit. That is sound as long as the holder lives: its locks on every table are older than the snapshot
 * and last until its end, so nothing that they keep away can have happened to a table in between, whoever reads it. It is
 * how all workers read when the lock table has no room for the locks of each. When the holder ends, nothing is replaced.
 *
 * <p>Thread-safe. {@link #close()} ends every transaction and so every lock; it may be called at any time, and then
 * whoever still reads fails.
 */
public final class SnapshotSessions implements AutoCloseable {
    /**
     * How the sessions came to be.
     *
     * @param mode how tables are kept still
     * @param workersHoldLocks whether each worker locked the tables itself, before the snapshot; when not, the locks
     *     would not have fitted into the server's lock table and the holder has them alone; a worker's session that
     *     replaced another one never has them
     * @param lockVerb the lock's name in SQL, e.g. {@code ROW SHARE}
     */
    public record Locks(LockMode mode, boolean workersHoldLocks, String lockVerb) {}

    private static final int ALIVE_SECONDS = 10;

    private final Connection holder;
    private final int holderBackend;
    private final List<Worker> workers;
    private final BlockingQueue<Worker> idle;
    private final SnapshotInfo snapshot;
    private final Locks locks;
    private final ReentrantLock holderInUse = new ReentrantLock();
    private volatile boolean closed;

    /**
     * @param workers those that have no lock on every table are told so by {@code locks}
     * @param replace opens the session that a worker goes on with when it lost its own
     */
    SnapshotSessions(Connection holder, List<Connection> workers, SnapshotInfo snapshot, Locks locks, Replace replace) {
        this.holder = holder;
        this.holderBackend = backend(holder);
        List<Worker> numbered = new ArrayList<>();
        for (Connection session : workers) {
            numbered.add(new Worker(numbered.size() + 1, session, locks.workersHoldLocks(), replace));
        }
        this.workers = List.copyOf(numbered);
        this.idle = new LinkedBlockingQueue<>(numbered);
        this.snapshot = snapshot;
        this.locks = locks;
    }

    /** Opens a worker's session anew, in the snapshot. */
    @FunctionalInterface
    interface Replace {
        Connection open(int worker) throws SQLException;
    }

    /** Whose session may change; used by one thread at a time, closed by any. */
    private final class Worker {
        private final int number;
        private final Replace replace;
        private volatile @Nullable Connection session;
        private volatile int backend;
        private boolean locked;

        Worker(int number, Connection session, boolean locked, Replace replace) {
            this.number = number;
            this.session = session;
            this.backend = SnapshotSessions.backend(session);
            this.locked = locked;
            this.replace = replace;
        }

        <T> T use(WorkerWork<T> work) throws SQLException {
            Connection current = session;
            if (current == null) {
                current = replace.open(number);
                backend = SnapshotSessions.backend(current);
                locked = false;
                session = current;
                if (closed) {
                    end();
                    throw lost(null);
                }
            }
            boolean done = false;
            try {
                T result = work.with(current, locked);
                done = true;
                return result;
            } finally {
                if (!done && !isAlive(current)) {
                    end();
                }
            }
        }

        void end() {
            Connection last = session;
            session = null;
            if (last != null) {
                SnapshotSessions.end(last);
            }
        }
    }

    /** The one snapshot. */
    public SnapshotInfo snapshot() {
        return snapshot;
    }

    /** How tables are kept still. */
    public Locks locks() {
        return locks;
    }

    /** Something to do with a session that nobody else uses meanwhile. */
    @FunctionalInterface
    public interface Work<T> {
        T with(Connection session) throws SQLException;
    }

    /** Something to do with a worker's session. */
    @FunctionalInterface
    public interface WorkerWork<T> {
        /** @param locked whether the session has the locks on all tables, so that it needs none for its unit */
        T with(Connection session, boolean locked) throws SQLException;
    }

    /**
     * Lends a worker's session; waits until one is idle. Work that failed leaves the session as it found it, unless that
     * has ended: then the next one gets another.
     *
     * @throws InterruptedException when interrupted while waiting
     * @throws BackupException when a session that ended can not be replaced, {@link #lost} when that is because the
     *     holder has ended
     */
    public <T> T withWorker(WorkerWork<T> work) throws InterruptedException, SQLException {
        Worker worker = null;
        while (worker == null) {
            // there are as many workers as threads, so this waits only while another one finishes up
            worker = idle.poll(1, TimeUnit.SECONDS);
        }
        try {
            return worker.use(work);
        } finally {
            idle.add(worker);
        }
    }

    /** Lends the holder's session, which has every lock; waits until nobody uses it. */
    public <T> T withHolder(Work<T> work) throws SQLException {
        holderInUse.lock();
        try {
            return work.with(holder);
        } finally {
            holderInUse.unlock();
        }
    }

    /**
     * Proves that the snapshot is still held.
     *
     * @throws BackupException when its session has ended
     */
    public void requireAlive() {
        if (holderInUse.tryLock()) {
            try {
                if (!isAlive(holder)) {
                    throw lost(null);
                }
            } finally {
                holderInUse.unlock();
            }
        }
    }

    private static boolean isAlive(Connection session) {
        try {
            return session.isValid(ALIVE_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    /** The failure of an attempt whose holder has ended: passing, but only for another attempt with another snapshot. */
    public static BackupException lost(@Nullable SQLException cause) {
        return new BackupException(
                Problem.UNREACHABLE,
                "the session that holds the snapshot has ended, so the tables can no longer be read as of one instant",
                "see the server's log for who ended it; run the backup again",
                cause,
                true);
    }

    /** Server process ids of all sessions, the holder's first; those of sessions that ended are among them. */
    public List<Integer> backendPids() {
        List<Integer> pids = new ArrayList<>();
        pids.add(holderBackend);
        workers.forEach(worker -> pids.add(worker.backend));
        return pids;
    }

    /** Asked while the session is open: a closed one does not tell. */
    private static int backend(Connection session) {
        try {
            return session.unwrap(PGConnection.class).getBackendPID();
        } catch (SQLException e) {
            throw new IllegalStateException("a session that was just opened tells its process", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        workers.forEach(Worker::end);
        end(holder);
    }

    private static void end(Connection session) {
        try (session) {
            Query.execute(session, "ROLLBACK");
        } catch (SQLException e) {
            // it read only: whichever way it ended, nothing is lost
        }
    }

    static BackupException failed(String doing, SQLException e) {
        return ServerErrors.translate(doing, e);
    }
}

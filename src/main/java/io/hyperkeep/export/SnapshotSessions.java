package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
 * <p>Thread-safe. {@link #close()} ends every transaction and so every lock; it may be called at any time, and then
 * whoever still reads fails.
 */
public final class SnapshotSessions implements AutoCloseable {
    /**
     * How the sessions came to be.
     *
     * @param mode how tables are kept still
     * @param workersHoldLocks whether each worker locked the tables itself, before the snapshot; when not, the locks
     *     would not have fitted into the server's lock table and the holder has them alone
     * @param lockVerb the lock's name in SQL, e.g. {@code ROW SHARE}
     */
    public record Locks(LockMode mode, boolean workersHoldLocks, String lockVerb) {}

    private final Connection holder;
    private final List<Connection> workers;
    private final BlockingQueue<Connection> idle;
    private final SnapshotInfo snapshot;
    private final Locks locks;
    private final ReentrantLock holderInUse = new ReentrantLock();

    SnapshotSessions(Connection holder, List<Connection> workers, SnapshotInfo snapshot, Locks locks) {
        this.holder = holder;
        this.workers = List.copyOf(workers);
        this.idle = new LinkedBlockingQueue<>(workers);
        this.snapshot = snapshot;
        this.locks = locks;
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

    /**
     * Lends a worker's session; waits until one is idle.
     *
     * @throws InterruptedException when interrupted while waiting
     */
    public <T> T withWorker(Work<T> work) throws InterruptedException, SQLException {
        Connection session = null;
        while (session == null) {
            // there are as many workers as threads, so this waits only while another one finishes up
            session = idle.poll(1, TimeUnit.SECONDS);
        }
        try {
            return work.with(session);
        } finally {
            idle.add(session);
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
                if (!holder.isValid((int) Duration.ofSeconds(10).toSeconds())) {
                    throw lost(null);
                }
            } catch (SQLException e) {
                throw lost(e);
            } finally {
                holderInUse.unlock();
            }
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

    /** Server process ids of all sessions, the holder's first. */
    public List<Integer> backendPids() throws SQLException {
        List<Integer> pids = new ArrayList<>();
        pids.add(holder.unwrap(PGConnection.class).getBackendPID());
        for (Connection worker : workers) {
            pids.add(worker.unwrap(PGConnection.class).getBackendPID());
        }
        return pids;
    }

    @Override
    public void close() {
        for (Connection worker : workers) {
            end(worker);
        }
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

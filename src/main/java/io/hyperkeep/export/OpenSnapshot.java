package io.hyperkeep.export;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.problem.BackupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Opens the sessions of an attempt: locks first, in every session, and only then the snapshot.
 *
 * <p>The order matters. A reader sees rows by its snapshot but a chunk's file and compression state as they are now;
 * whatever changes these (TRUNCATE, drop, decompress, merge, rewriting ALTER) between snapshot and lock makes rows
 * vanish without an error. LOCK takes no snapshot, so it can come before (PostgreSQL 17 manual, LOCK).
 */
public final class OpenSnapshot {
    private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    /** How a server refuses a snapshot whose transaction is over: without its file, by version, or with it still. */
    private static final Set<String> GONE = Set.of("22023", "42704", "55000");

    private final Connections connections;
    private final String run;
    private final Consumer<String> notices;

    /**
     * @param connections to the source
     * @param run what the sessions' application names begin with
     * @param notices told what a person may want to know, as it happens
     */
    public OpenSnapshot(Connections connections, String run, Consumer<String> notices) {
        this.connections = connections;
        this.run = run;
        this.notices = notices;
    }

    /**
     * Opens them.
     *
     * @param tables what to lock: hypertables' roots, whose chunks are locked with them, and plain tables
     * @param workers number of sessions beside the holder
     * @throws io.hyperkeep.problem.BackupException when a lock is not had within its timeout, or anything else fails;
     *     then nothing stays open
     */
    public SnapshotSessions run(List<TableName> tables, LockMode mode, Duration lockTimeout, int workers) {
        return open(tables, mode, lockTimeout, workers, true);
    }

    /**
     * As {@link #run} with strict locks, for who keeps nothing of what is read: no session of these ever writes, not even
     * an empty transaction.
     */
    public SnapshotSessions forReading(List<TableName> tables, Duration lockTimeout, int workers) {
        return open(tables, LockMode.STRICT, lockTimeout, workers, false);
    }

    private SnapshotSessions open(
            List<TableName> tables, LockMode mode, Duration lockTimeout, int workers, boolean durable) {
        List<Connection> opened = new ArrayList<>();
        boolean done = false;
        try {
            Connection holder = open(opened, "holder", lockTimeout);
            LockBudget budget = LockBudget.read(holder, tables);
            String verb = budget.mayTakeRowShare() ? "ROW SHARE" : "ACCESS SHARE";
            boolean workersLock = mode == LockMode.STRICT && budget.fits(workers + 2);
            if (mode == LockMode.STRICT) {
                budget.requireFits(connections.address().database());
                if (!workersLock) {
                    notices.accept("the locks of " + (workers + 2) + " sessions on " + budget.relations()
                            + " tables and chunks would fill the server's lock table: one session holds them for all");
                }
                if (!budget.mayTakeRowShare()) {
                    notices.accept("without MAINTAIN on every table only ACCESS SHARE locks can be had:"
                            + " rows of each compressed chunk are counted twice instead");
                }
            }
            Query.execute(holder, BEGIN);
            if (mode == LockMode.STRICT) {
                lock(holder, tables, verb, "");
            }
            List<Connection> sessions = new ArrayList<>();
            for (int i = 1; i <= workers; i++) {
                Connection worker = open(opened, "worker-" + i, lockTimeout);
                Query.execute(worker, BEGIN);
                workersLock = workersLock && lockedToo(worker, tables, verb);
                sessions.add(worker);
            }
            SnapshotInfo snapshot = export(holder);
            if (mode == LockMode.STRICT) {
                for (Connection worker : sessions) {
                    importSnapshot(worker, snapshot);
                }
            } else {
                // without locks that outlive a unit, each unit has its own transaction
                for (Connection worker : sessions) {
                    Query.execute(worker, "ROLLBACK");
                }
            }
            if (durable) {
                askForFlush(holder, snapshot);
            }
            SnapshotSessions result = new SnapshotSessions(
                    holder,
                    sessions,
                    snapshot,
                    new SnapshotSessions.Locks(mode, workersLock, verb),
                    number -> again(number, mode, lockTimeout, snapshot));
            done = true;
            return result;
        } catch (SQLException e) {
            BackupException failure = ServerErrors.translate("cannot take a snapshot of " + connections.address(), e);
            throw "55P03".equals(e.getSQLState()) ? new NameLockers(connections, run).in(failure, tables) : failure;
        } finally {
            if (!done) {
                opened.forEach(OpenSnapshot::abandon);
            }
        }
    }

    /** A session for a worker that lost its own, as {@link SnapshotSessions} says. */
    private Connection again(int number, LockMode mode, Duration lockTimeout, SnapshotInfo snapshot)
            throws SQLException {
        List<Connection> opened = new ArrayList<>();
        boolean done = false;
        try {
            Connection worker = open(opened, "worker-" + number, lockTimeout);
            if (mode == LockMode.STRICT) {
                beginIn(worker, snapshot);
            }
            done = true;
            return worker;
        } finally {
            if (!done) {
                opened.forEach(OpenSnapshot::abandon);
            }
        }
    }

    /**
     * Begins a read of the shared snapshot in a session that is in no transaction.
     *
     * @throws BackupException when the holder has ended, and the snapshot with it
     */
    static void beginIn(Connection session, SnapshotInfo snapshot) throws SQLException {
        Query.execute(session, BEGIN);
        try {
            importSnapshot(session, snapshot);
        } catch (SQLException e) {
            if (GONE.contains(String.valueOf(e.getSQLState()))) {
                throw SnapshotSessions.lost(e);
            }
            throw e;
        }
    }

    /** Begins a read of a new snapshot in a session that is in no transaction; returns its 64-bit xmin. */
    static long beginFresh(Connection session) throws SQLException {
        Query.execute(session, BEGIN);
        return Query.one(
                session, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint", row -> row.getLong(1));
    }

    private Connection open(List<Connection> opened, String role, Duration lockTimeout) {
        Connection connection = connections.open("hyperkeep/" + run + "/" + role, lockTimeout);
        opened.add(connection);
        return connection;
    }

    /**
     * Locks in a worker what the holder has locked already. Who waits for the holder's lock would make the worker wait
     * for him, and so for the holder itself, until the timeout: then units take their locks one by one.
     */
    private boolean lockedToo(Connection worker, List<TableName> tables, String verb) throws SQLException {
        try {
            lock(worker, tables, verb, " NOWAIT");
            return true;
        } catch (SQLException e) {
            if (!"55P03".equals(e.getSQLState())) {
                throw e;
            }
            notices.accept("somebody waits to change a table that is locked for this backup: one session holds the"
                    + " locks for all");
            Query.execute(worker, "ROLLBACK");
            Query.execute(worker, BEGIN);
            return false;
        }
    }

    private static void lock(Connection session, List<TableName> tables, String verb, String wait) throws SQLException {
        if (!tables.isEmpty()) {
            Query.execute(
                    session,
                    "LOCK TABLE " + tables.stream().map(Identifiers::quote).collect(Collectors.joining(", ")) + " IN "
                            + verb + " MODE" + wait);
        }
    }

    private static SnapshotInfo export(Connection holder) throws SQLException {
        // on a standby the position that was replayed is the one that the snapshot shows
        return Query.one(
                holder,
                """
                SELECT pg_export_snapshot(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                       pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                            ELSE pg_current_wal_insert_lsn() END::text,
                       clock_timestamp()
                """,
                row -> new SnapshotInfo(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getString(4),
                        row.getObject(5, OffsetDateTime.class).toInstant()));
    }

    /**
     * Where nobody commits, what is half done stays in the server's memory, and with it the proof that nothing before the
     * snapshot can be lost. An empty commit, asynchronous as it is, makes the WAL writer flush up to it.
     */
    private void askForFlush(Connection holder, SnapshotInfo snapshot) throws SQLException {
        if (!DurableSnapshot.isFlushed(holder, snapshot.lsn())) {
            try (Connection other = connections.open("hyperkeep/" + run + "/flush")) {
                Query.execute(other, "SELECT pg_current_xact_id()");
            }
        }
    }

    private static void importSnapshot(Connection session, SnapshotInfo snapshot) throws SQLException {
        Query.execute(session, "SET TRANSACTION SNAPSHOT " + Identifiers.literal(snapshot.id()));
    }

    private static void abandon(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // the failure that made us give up is the one to tell
        }
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.Codec;
import io.hyperkeep.storage.StorageErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Imports data files over one connection, each in one transaction with its row in the ledger. For one thread. */
final class CopyIn implements Hand<PlannedUnit> {
    // one message of the COPY protocol, one call of the decompressor; larger ones were no faster
    private static final int BUFFER = 1 << 17;

    private final Supplier<Connection> open;
    private final Ledger ledger;
    private final Files files;
    private final ChunkTargets targets;
    private final Map<TableName, String> searchPaths;
    private final RunProgress progress;
    private final byte[] buffer = new byte[BUFFER];
    private volatile Connection connection;
    private int backend;
    private boolean prepared;
    private @Nullable String searchPath;
    private boolean failed;

    /**
     * The backup's data files.
     *
     * @param backup where they are
     * @param codec how they are compressed
     * @param options what the COPY that wrote them was given
     */
    record Files(BackupFolder backup, Codec codec, String options) {
        static Files of(BackupFolder backup, DataFormat format) {
            return new Files(backup, Codec.of(format.codec()), format.copy());
        }

        /** Reads a unit's CSV; the caller closes it. */
        InputStream open(UnitEntry unit) throws IOException {
            return codec.decompress(java.nio.file.Files.newInputStream(backup.file(unit)));
        }

        /** The header then has to name the columns, so that no file goes into the wrong ones. */
        String importOptions() {
            return options.replace("HEADER", "HEADER MATCH");
        }
    }

    /**
     * @param open opens a session in auto-commit mode, now and after each failure; closed by this hand
     * @param searchPaths what users' code that the rows of a table run finds names with, by the table's name in the target
     */
    CopyIn(
            Supplier<Connection> open,
            Ledger ledger,
            Files files,
            ChunkTargets targets,
            Map<TableName, String> searchPaths,
            RunProgress progress) {
        this.open = open;
        this.connection = open.get();
        this.backend = backendOf(connection);
        this.ledger = ledger;
        this.files = files;
        this.targets = targets;
        this.searchPaths = searchPaths;
        this.progress = progress;
    }

    /** What the ledger calls this unit. */
    static String item(PlannedUnit unit) {
        return "unit " + unit.unit().id();
    }

    /** What a unit counts for in the progress. */
    static long weight(PlannedUnit unit) {
        return unit.unit().csvBytes();
    }

    private static int backendOf(Connection connection) {
        try {
            return connection.unwrap(PGConnection.class).getBackendPID();
        } catch (SQLException e) {
            throw new IllegalStateException("a connection that was just opened tells its process", e);
        }
    }

    @Override
    public void work(PlannedUnit unit) throws InterruptedException {
        String doing = "cannot import " + unit.unit().file() + " into " + unit.table();
        try {
            if (failed) {
                close();
                connection = open.get();
                backend = backendOf(connection);
                prepared = false;
                searchPath = null;
            }
            failed = true;
            prepare();
            copy(unit, doing);
            failed = false;
            progress.unitDone(weight(unit));
        } catch (SQLException e) {
            throw ServerErrors.translate(doing, e);
        }
    }

    /** The server process of the session that the last unit went through. */
    int backend() {
        return backend;
    }

    private void prepare() throws SQLException {
        if (!prepared) {
            connection.setAutoCommit(false);
            // a server that crashes forgets the last units and their rows in the ledger alike; Ledger.remove makes
            // everything durable before a success is told
            Query.execute(connection, "SET synchronous_commit = off");
            if (targets.skipsInvalidation()) {
                // what of continuous aggregates is not materialized was settled before
                Query.execute(connection, "SET timescaledb.skip_cagg_invalidation = on");
            }
            connection.commit();
            prepared = true;
        }
    }

    private void copy(PlannedUnit unit, String doing) throws SQLException, InterruptedException {
        boolean committed = false;
        try {
            // before the rows: who imports the same unit at the same time waits here, and then fails
            enter(unit, doing);
            lookLikeUsers(unit);
            long rows = send(unit, doing);
            if (rows != unit.requireKept().rows()) {
                throw new BackupException(
                        Problem.MISMATCH,
                        doing + ": the server took " + rows + " rows, but the backup says that there are "
                                + unit.requireKept().rows(),
                        "nothing of this file was kept; `hyperkeep verify` says whether the file is whole");
            }
            connection.commit();
            committed = true;
        } finally {
            if (!committed) {
                rollback();
            }
        }
    }

    private void enter(PlannedUnit unit, String doing) throws SQLException {
        try {
            ledger.enter(
                    connection,
                    item(unit),
                    unit.requireKept().rows(),
                    unit.requireKept().digest(),
                    targets.isUnlogged(unit));
        } catch (SQLException e) {
            if ("23505".equals(e.getSQLState())) {
                throw new BackupException(
                        Problem.LOCKED,
                        doing + ": another process has just imported it",
                        "let one process restore into a database; nothing was imported twice",
                        e);
            }
            throw e;
        }
    }

    /** A failure after this closes the session, so that it always has what was set last. */
    private void lookLikeUsers(PlannedUnit unit) throws SQLException {
        String path = searchPaths.getOrDefault(unit.table(), "");
        if (!path.equals(searchPath)) {
            SearchPaths.set(connection, path);
            searchPath = path;
        }
    }

    private long send(PlannedUnit unit, String doing) throws SQLException, InterruptedException {
        org.postgresql.copy.CopyIn copy =
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql(unit));
        long bytes = 0;
        boolean sent = false;
        CutRows rows = unit.cut() == null ? null : new CutRows(unit.cut());
        Sending sending = new Sending(copy);
        try (InputStream csv = files.open(unit.unit())) {
            for (int n = csv.readNBytes(buffer, 0, BUFFER); n > 0; n = csv.readNBytes(buffer, 0, BUFFER)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (rows == null) {
                    copy.writeToCopy(buffer, 0, n);
                } else {
                    rows.add(buffer, n, sending);
                    sending.flush();
                }
                bytes += n;
                progress.moved(0, n);
            }
            if (bytes != unit.unit().csvBytes()) {
                throw new BackupException(
                        Problem.DAMAGED,
                        doing + ": the file holds " + bytes + " bytes of CSV, not "
                                + unit.unit().csvBytes(),
                        "use another backup, or leave the table out with --exclude");
            }
            long taken = copy.endCopy();
            sent = true;
            progress.moved(taken, 0);
            return taken;
        } catch (IOException | IllegalArgumentException e) {
            throw new BackupException(
                    Problem.DAMAGED,
                    doing + ": cannot read " + files.backup().file(unit.unit()) + ": " + e.getMessage(),
                    "`hyperkeep verify` checks every file of the backup",
                    e,
                    e instanceof IOException failure && StorageErrors.isPassing(failure));
        } finally {
            if (!sent) {
                progress.moved(0, -bytes);
            }
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Gathers rows into messages of some size. */
    private static final class Sending implements CutRows.Kept<SQLException> {
        private final org.postgresql.copy.CopyIn copy;
        private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

        Sending(org.postgresql.copy.CopyIn copy) {
            this.copy = copy;
        }

        @Override
        public void header(byte[] bytes, int offset, int length) {
            gathered.write(bytes, offset, length);
        }

        @Override
        public void row(byte[] bytes, int offset, int length) throws SQLException {
            gathered.write(bytes, offset, length);
            if (gathered.size() >= BUFFER) {
                flush();
            }
        }

        void flush() throws SQLException {
            copy.writeToCopy(gathered.toByteArray(), 0, gathered.size());
            gathered.reset();
        }
    }

    private String sql(PlannedUnit unit) {
        TableName target = targets.of(unit);
        // no parentheses around no columns: a table may have none, or only generated ones
        String columns = unit.columns().isEmpty() ? "" : " (" + Identifiers.columnList(unit.columns()) + ")";
        return "COPY " + Identifiers.quote(target) + columns + " FROM STDIN (" + files.importOptions() + ")";
    }

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // the connection is gone, and with it the transaction; the failure that brought us here is the one to tell
        }
    }

    @Override
    public void cancel() {
        Query.cancel(connection);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // nothing is uncommitted here
        }
    }
}

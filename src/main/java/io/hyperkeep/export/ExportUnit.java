package io.hyperkeep.export;

import io.hyperkeep.database.CopyOut;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.database.WideRows;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.Part;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.Codec;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.PendingFile;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Exports units of one attempt, each in a session of the attempt's own. Thread-safe; each call uses one thread.
 *
 * <p>A savepoint around each COPY gives its locks back (on indexes and companions), which would else fill the server's
 * lock table by the end of the run.
 */
public final class ExportUnit {
    /** What COPY TO is given; a COPY FROM of the file needs the same. */
    public static final String COPY_OPTIONS = "FORMAT csv, HEADER";

    /**
     * Where units go.
     *
     * @param store the repository's store
     * @param databaseFolder the database's folder in it
     * @param compression of data files
     */
    public record Destination(BackupStore store, String databaseFolder, Compression compression) {}

    private final SnapshotSessions sessions;
    private final CountProof proof;
    private final Destination destination;
    private final ReuseUnits reuse;
    private final DurableSnapshot durable;
    private final WideRows wideRows = new WideRows();
    private final RunProgress progress;

    /**
     * @param server what the source can do
     * @param reuse says what need not be read again
     */
    public ExportUnit(
            SnapshotSessions sessions,
            ServerCapabilities server,
            Destination destination,
            ReuseUnits reuse,
            RunProgress progress) {
        this.sessions = sessions;
        this.proof = new CountProof(server);
        this.destination = destination;
        this.reuse = reuse;
        this.durable = new DurableSnapshot(sessions.snapshot().lsn());
        this.progress = progress;
    }

    /**
     * Exports one unit to its end, or finds that what an earlier attempt or backup exported is what the snapshot shows.
     *
     * @return what is durable in the store now
     * @throws BackupException when it failed; no file of this attempt is left of it then
     * @throws InterruptedException when interrupted before it began
     */
    public UnitResult run(Unit unit) throws InterruptedException {
        String doing = "cannot export " + unit.table() + ", unit " + unit.label();
        try {
            return sessions.locks().mode() == LockMode.LIGHT
                    ? sessions.withWorker((session, locked) -> light(session, unit, doing))
                    : strict(unit, doing);
        } catch (SQLException e) {
            throw ServerErrors.translate(doing, e);
        }
    }

    private UnitResult strict(Unit unit, String doing) throws SQLException, InterruptedException {
        Optional<UnitResult> result = sessions.withWorker((session, locked) -> locked
                ? Optional.of(provedInSharedSnapshot(session, unit, doing))
                : lockedForItself(session, unit, doing));
        if (result.isPresent()) {
            return result.get();
        }
        // somebody waits to change this relation, and a worker would queue up behind; the holder has its lock already
        return sessions.withHolder(session -> provedInSharedSnapshot(session, unit, doing));
    }

    /** Empty when the lock is not to be had at once. */
    private Optional<UnitResult> lockedForItself(Connection session, Unit unit, String doing) throws SQLException {
        try {
            return Savepoint.within(session, "locking", () -> {
                lock(session, unit, sessions.locks().lockVerb(), " NOWAIT");
                return Optional.of(provedInSharedSnapshot(session, unit, doing));
            });
        } catch (SQLException e) {
            if ("55P03".equals(e.getSQLState())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void lock(Connection session, Unit unit, String verb, String wait) throws SQLException {
        String relations = unit.parts().stream()
                .map(part -> "ONLY " + Identifiers.quote(part.relation()))
                .distinct()
                .collect(Collectors.joining(", "));
        Query.execute(session, "LOCK TABLE " + relations + " IN " + verb + " MODE" + wait);
    }

    /** In a savepoint, so that a failure leaves the session, its locks and the snapshot for the next unit. */
    private UnitResult provedInSharedSnapshot(Connection session, Unit unit, String doing) throws SQLException {
        return Savepoint.within(session, "unit", () -> {
            ReuseUnits.Verdict verdict = reuse.judge(session, unit);
            Optional<UnitResult> reused = provedUnchanged(session, unit, verdict);
            if (reused.isPresent()) {
                return reused.get();
            }
            try (Attempt attempt = new Attempt(session, unit, doing)) {
                attempt.read();
                Optional<String> doubt = proof.doubt(session, unit, attempt.relations);
                if (doubt.isPresent()) {
                    throw new BackupException(
                            Problem.MISMATCH,
                            doing + ": since the snapshot, " + doubt.get(),
                            "nothing of this unit was kept; run the backup again when the change is over");
                }
                return attempt.commit(sharedXmin(session), true, whyExported(verdict));
            }
        });
    }

    /** The earlier result, if there is one, and the same proof as for rows that were read holds for those that were counted. */
    private Optional<UnitResult> provedUnchanged(Connection session, Unit unit, ReuseUnits.Verdict verdict)
            throws SQLException {
        UnitResult unchanged = verdict.unchanged();
        if (unchanged == null) {
            return Optional.empty();
        }
        UnitResult reused = reuse.reused(unit, unchanged, durable.in(session));
        if (proof.doubt(session, unit, Objects.requireNonNull(reused.entry()).relations())
                .isPresent()) {
            return Optional.empty();
        }
        progress.unitDone(unit.bytes());
        return Optional.of(reused);
    }

    private static ExportReason whyExported(ReuseUnits.Verdict verdict) {
        return Objects.requireNonNullElse(verdict.reason(), ExportReason.CHANGED_MEANWHILE);
    }

    /** The shared snapshot's, as a bound for later comparisons. */
    private long sharedXmin(Connection session) throws SQLException {
        return durable.in(session) ? sessions.snapshot().xmin() : 0;
    }

    /** In a transaction of the unit's own; a relation that changed since the snapshot is read as it is now. */
    private UnitResult light(Connection session, Unit unit, String doing) throws SQLException {
        OpenSnapshot.beginIn(session, sessions.snapshot());
        try {
            // the same lock as COPY's, but before it
            lock(session, unit, "ACCESS SHARE", "");
            ReuseUnits.Verdict verdict = reuse.judge(session, unit);
            Optional<UnitResult> reused = provedUnchanged(session, unit, verdict);
            if (reused.isPresent()) {
                return reused.get();
            }
            requireSameTypes(session, unit, doing);
            try (Attempt attempt = new Attempt(session, unit, doing)) {
                attempt.read();
                Optional<String> doubt = proof.doubt(session, unit, attempt.relations);
                if (doubt.isEmpty()) {
                    return attempt.commit(sharedXmin(session), true, whyExported(verdict));
                }
                if (unit.parts().stream().anyMatch(Part::isSlice)) {
                    // rows have moved between the slices: some would be read twice, others not at all
                    throw new BackupException(
                            Problem.MISMATCH,
                            doing + ": since the snapshot, " + doubt.get() + ", and it is read in slices",
                            "nothing of this unit was kept; run the backup again, with --lock strict or a larger --slice-size");
                }
            }
        } catch (SQLException e) {
            // 42P01: dropped since; anything else is a failure
            if (!"42P01".equals(e.getSQLState())) {
                throw e;
            }
        } finally {
            rollback(session);
        }
        return freshly(session, unit, doing);
    }

    private UnitResult freshly(Connection session, Unit unit, String doing) throws SQLException {
        try {
            Query.execute(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            List<Part> there = new ArrayList<>();
            for (Part part : unit.parts()) {
                if (lockIfThere(session, part)) {
                    there.add(part);
                }
            }
            // locks first, here too: the snapshot comes with the next statement
            Fresh fresh = Query.one(
                    session,
                    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, CASE WHEN pg_is_in_recovery()"
                            + " THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text",
                    row -> new Fresh(row.getLong(1), row.getString(2)));
            if (there.isEmpty()) {
                return new UnitResult(
                        unit.table(), null, List.of(), false, reuse.origin(), ExportReason.CHANGED_MEANWHILE);
            }
            Unit rest = new Unit(
                    unit.id(),
                    unit.table(),
                    unit.columns(),
                    unit.dimensionColumns(),
                    refreshed(session, there),
                    unit.bytes());
            requireSameColumns(session, rest, doing);
            try (Attempt attempt = new Attempt(session, rest, doing)) {
                attempt.read();
                Optional<String> doubt = proof.doubt(session, rest, attempt.relations);
                if (doubt.isPresent()) {
                    throw new BackupException(
                            Problem.MISMATCH,
                            doing + ": " + doubt.get() + " while it was read",
                            "run the backup again, or with --lock strict");
                }
                long xmin = new DurableSnapshot(fresh.lsn()).in(session) ? fresh.xmin() : 0;
                return attempt.commit(xmin, false, ExportReason.CHANGED_MEANWHILE);
            }
        } finally {
            rollback(session);
        }
    }

    private record Fresh(long xmin, String lsn) {}

    /**
     * A type that was changed without rewriting the rows, such as timestamp to timestamptz, leaves no trace in the
     * relation's file, but COPY writes the new one. The catalog is read as of the snapshot; what a query's expressions
     * are is decided by how the relation is now (PostgreSQL 17 and 18: tried).
     */
    private static void requireSameTypes(Connection session, Unit unit, String doing) throws SQLException {
        if (unit.columns().isEmpty()) {
            return;
        }
        // an ALTER of the table reaches all of its chunks, or, as we have locks on them, none
        Part part = unit.parts().get(0);
        List<String> now = Query.one(
                session,
                "SELECT "
                        + unit.columns().stream()
                                .map(column ->
                                        "pg_typeof(now." + Identifiers.quote(column.name()) + ")::oid::regtype::text")
                                .collect(Collectors.joining(", "))
                        + " FROM (SELECT) AS one LEFT JOIN ONLY " + Identifiers.quote(part.relation())
                        + " AS now ON false",
                row -> {
                    List<String> types = new ArrayList<>();
                    for (int i = 1; i <= unit.columns().size(); i++) {
                        types.add(row.getString(i));
                    }
                    return types;
                });
        Map<String, String> then = new HashMap<>();
        Query.list(
                session,
                "SELECT attname, atttypid::regtype::text FROM pg_catalog.pg_attribute"
                        + " WHERE attrelid = ?::bigint::oid AND attnum > 0 AND NOT attisdropped",
                row -> then.put(row.getString(1), row.getString(2)),
                part.oid());
        for (int i = 0; i < now.size(); i++) {
            Column column = unit.columns().get(i);
            if (!now.get(i).equals(then.get(column.name()))) {
                throw changedType(doing, part, column, now.get(i));
            }
        }
    }

    private static BackupException changedType(String doing, Part part, Column column, @Nullable String type) {
        return new BackupException(
                Problem.MISMATCH,
                doing + ": since the snapshot, column " + column.name() + " of " + part.relation()
                        + (type == null ? " was dropped" : " became " + type + ", it was " + column.type()),
                "nothing of this unit was kept; run the backup again when the change is over");
    }

    /** The schema was dumped as of the snapshot: rows of other types would not fit into it. */
    private static void requireSameColumns(Connection session, Unit unit, String doing) throws SQLException {
        for (Part part : unit.parts()) {
            Map<String, String> now = new HashMap<>();
            Query.list(
                    session,
                    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute"
                            + " WHERE attrelid = ?::bigint::oid AND attnum > 0 AND NOT attisdropped",
                    row -> now.put(row.getString(1), row.getString(2)),
                    part.oid());
            for (Column column : unit.columns()) {
                String type = now.get(column.name());
                if (!column.type().equals(type)) {
                    throw changedType(doing, part, column, type);
                }
            }
        }
    }

    private static boolean lockIfThere(Connection session, Part part) throws SQLException {
        Query.execute(session, "SAVEPOINT locking");
        try {
            Query.execute(session, "LOCK TABLE ONLY " + Identifiers.quote(part.relation()) + " IN ACCESS SHARE MODE");
            Query.execute(session, "RELEASE SAVEPOINT locking");
            return true;
        } catch (SQLException e) {
            Query.execute(session, "ROLLBACK TO SAVEPOINT locking");
            if ("42P01".equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** The same relations as the session's own snapshot shows them. */
    private static List<Part> refreshed(Connection session, List<Part> parts) throws SQLException {
        List<Part> result = new ArrayList<>();
        for (Part part : parts) {
            long filenode = Query.one(
                    session,
                    "SELECT relfilenode::bigint FROM pg_catalog.pg_class WHERE oid = ?::regclass",
                    row -> row.getLong(1),
                    Identifiers.quote(part.relation()));
            long oid = Query.one(
                    session,
                    "SELECT ?::regclass::oid::bigint",
                    row -> row.getLong(1),
                    Identifiers.quote(part.relation()));
            Companion companion = part.chunk() ? companion(session, part) : Companion.NONE;
            result.add(new Part(
                    part.relation(),
                    oid,
                    filenode,
                    part.chunk(),
                    companion.name(),
                    companion.oid(),
                    part.firstBlock(),
                    part.endBlock()));
        }
        return result;
    }

    private record Companion(
            @Nullable TableName name, @Nullable Long oid) {
        static final Companion NONE = new Companion(null, null);
    }

    /** Where a chunk's compressed rows are now: they count too, and it may not have had any in the shared snapshot. */
    private static Companion companion(Connection session, Part part) throws SQLException {
        return Query.list(
                        session,
                        """
                        SELECT n.nspname, c.relname, c.oid::bigint
                          FROM _timescaledb_catalog.compression_settings s
                          JOIN pg_catalog.pg_class c ON c.oid = s.compress_relid
                          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                         WHERE s.relid = ?::regclass
                        """,
                        row -> new Companion(new TableName(row.getString(1), row.getString(2)), row.getLong(3)),
                        Identifiers.quote(part.relation()))
                .stream()
                .findFirst()
                .orElse(Companion.NONE);
    }

    private static void rollback(Connection session) {
        try {
            Query.execute(session, "ROLLBACK");
        } catch (SQLException e) {
            // the session has ended, and with it the transaction, which read only
        }
    }

    /** One reading of a unit into one file, discarded unless committed. */
    private final class Attempt implements AutoCloseable {
        private final Connection session;
        private final Unit unit;
        private final String doing;
        private final Codec codec = Codec.of(destination.compression().codec());
        private final String folder;
        private final PendingFile file;
        private final UnitWriter writer;
        private final List<Relation> relations = new ArrayList<>();
        private final List<UnitResult.Seed> seeds = new ArrayList<>();
        private final WideRows.Turn turn = wideRows.turn();
        private boolean committed;

        Attempt(Connection session, Unit unit, String doing) {
            this.session = session;
            this.unit = unit;
            this.doing = doing;
            this.folder = "data/" + FileNames.of(unit.table());
            try {
                this.file = destination.store().begin(destination.databaseFolder() + "/" + folder, unit.id());
                this.writer =
                        new UnitWriter(file, codec, destination.compression().level(), progress);
            } catch (IOException e) {
                throw StorageErrors.writing(destination.databaseFolder() + "/" + folder, e);
            }
        }

        void read() throws SQLException {
            for (Part part : unit.parts()) {
                Query.execute(session, "SAVEPOINT reading");
                boolean header = relations.isEmpty();
                long rows = copy(part, header);
                Query.execute(session, "ROLLBACK TO SAVEPOINT reading");
                relations.add(ReuseUnits.relation(part, rows));
            }
        }

        private long copy(Part part, boolean header) throws SQLException {
            boolean[] first = {true, header};
            try {
                return CopyOut.run(session, sql(part, header), header, row -> {
                    if (first[1]) {
                        first[1] = false;
                        writer.header(row);
                        return;
                    }
                    if (first[0]) {
                        first[0] = false;
                        seed(part, row);
                    }
                    turn.row(row.length);
                    writer.row(row);
                });
            } catch (IOException e) {
                throw StorageErrors.writing(destination.databaseFolder() + "/" + folder, e);
            }
        }

        private String sql(Part part, boolean header) {
            String from = (part.chunk() ? "" : "ONLY ") + Identifiers.quote(part.relation());
            return "COPY (SELECT " + Identifiers.columnList(unit.columns()) + " FROM " + from + VisibleRows.blocks(part)
                    + ") TO STDOUT (" + (header ? COPY_OPTIONS : "FORMAT csv") + ")";
        }

        private void seed(Part part, byte[] row) {
            if (!unit.dimensionColumns().isEmpty()) {
                int last =
                        unit.dimensionColumns().stream().mapToInt(i -> i).max().orElseThrow();
                List<String> fields = CsvRow.fields(row, last + 1);
                List<String> values =
                        unit.dimensionColumns().stream().map(fields::get).toList();
                if (values.stream().allMatch(Objects::nonNull)) {
                    seeds.add(new UnitResult.Seed(part.relation(), values));
                }
            }
        }

        UnitResult commit(long snapshotXmin, boolean consistent, ExportReason reason) {
            try {
                writer.close();
                progress.unitDone(unit.bytes());
                if (writer.rows() == 0) {
                    return new UnitResult(unit.table(), null, List.of(), consistent, reuse.origin(), reason);
                }
                String sha256 = writer.sha256();
                String name = FileNames.of(unit.label()) + "-" + sha256.substring(0, 12) + ".csv" + codec.suffix();
                file.commit(name);
                committed = true;
                UnitEntry entry = new UnitEntry(
                        unit.id(),
                        folder + "/" + name,
                        relations,
                        writer.rows(),
                        writer.csvBytes(),
                        writer.bytes(),
                        sha256,
                        writer.digest(),
                        snapshotXmin,
                        false,
                        reuse.schemaHash(unit));
                return new UnitResult(unit.table(), entry, seeds, consistent, reuse.origin(), reason);
            } catch (IOException e) {
                throw StorageErrors.writing(destination.databaseFolder() + "/" + folder, e);
            }
        }

        @Override
        public void close() {
            turn.close();
            if (!committed) {
                writer.withdraw();
            }
            try {
                file.close();
            } catch (IOException e) {
                throw new BackupException(
                        Problem.STORAGE, doing + ": its unfinished file could not be removed", "remove *.tmp there", e);
            }
        }
    }
}

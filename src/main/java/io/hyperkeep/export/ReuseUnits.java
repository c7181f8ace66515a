package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Part;
import io.hyperkeep.plan.Reuse;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.storage.Codec;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether what an earlier attempt or backup exported is what this snapshot shows. Thread-safe.
 *
 * <p>The rule: same history, same schema, same physical relations, as many visible rows, and none of them made by a
 * transaction from the earlier snapshot's xmin on. Then every row that is visible now was visible then, because its
 * transaction had ended before; and as there are as many, none is missing. The bound is the xmin, not the xmax with its
 * list, because the list lacks subtransactions. Every doubt says changed: that costs an export, the other mistake costs data.
 *
 * <p>A unit that is reused is recorded with <em>this</em> snapshot's xmin: the file was proved to show it, so it is as
 * good as one that was read under it, and the next comparison has fewer transactions to look back over.
 */
public final class ReuseUnits {
    // ids are compared by their distance as 32 bits with sign
    private static final long MOST_TRANSACTIONS = 1L << 31;

    private final Present present;
    private final EarlierUnits earlier;
    private final Reuse mode;
    private final ExportUnit.Destination destination;

    /**
     * What is compared with.
     *
     * @param origin of the attempt's snapshot
     * @param standby whether the server is in recovery
     * @param schema hashes of the attempt's units
     */
    public record Present(Origin origin, boolean standby, SchemaHashes schema) {
        /**
         * Reads it.
         *
         * @param session in the attempt's snapshot
         * @param inventory what was selected, in that snapshot
         */
        public static Present read(
                Connection session,
                ServerCapabilities server,
                Inventory inventory,
                SnapshotInfo snapshot,
                List<Unit> units)
                throws SQLException {
            return new Present(
                    Origin.of(inventory.source(), snapshot),
                    Query.one(session, "SELECT pg_is_in_recovery()", row -> row.getBoolean(1)),
                    SchemaHashes.read(session, server, inventory, units));
        }
    }

    /**
     * @param earlier what could be reused
     * @param mode whether to
     * @param destination where the attempt's own files go, and the earlier ones are
     */
    public ReuseUnits(Present present, EarlierUnits earlier, Reuse mode, ExportUnit.Destination destination) {
        this.present = present;
        this.earlier = earlier;
        this.mode = mode;
        this.destination = destination;
    }

    /** The attempt's snapshot. */
    Origin origin() {
        return present.origin();
    }

    /** What a later attempt will compare, or null. */
    @Nullable
    String schemaHash(Unit unit) {
        return present.schema().of(unit);
    }

    /**
     * What was found of a unit.
     *
     * @param unchanged the earlier result, or null
     * @param reason why there is none, or null
     */
    record Verdict(@Nullable UnitResult unchanged, @Nullable ExportReason reason) {
        private static Verdict export(ExportReason reason) {
            return new Verdict(null, reason);
        }
    }

    /**
     * Looks for an earlier result that still holds. The caller proves, afterwards, that nothing moved physically
     * between the snapshot and the look.
     *
     * @param session in the attempt's snapshot
     * @throws io.hyperkeep.problem.BackupException when the store can not be read
     */
    Verdict judge(Connection session, Unit unit) throws SQLException {
        if (mode == Reuse.NONE) {
            return Verdict.export(ExportReason.FULL);
        }
        ExportReason first = null;
        for (UnitResult candidate : earlier.of(unit)) {
            Optional<ExportReason> refusal = refusal(unit, candidate);
            if (refusal.isEmpty()) {
                // an older one can not be unchanged when this one is not, but for rows that came and went since
                Optional<ExportReason> change = change(session, unit, entry(candidate));
                return change.map(Verdict::export).orElseGet(() -> new Verdict(candidate, null));
            }
            first = first == null ? refusal.get() : first;
        }
        return Verdict.export(first != null ? first : whyNone(unit));
    }

    private ExportReason whyNone(Unit unit) {
        return earlier.anyOf(unit.table())
                .flatMap(this::otherHistory)
                .orElse(earlier.knowsPartOf(unit) ? ExportReason.REGROUPED : ExportReason.NEW);
    }

    private Optional<ExportReason> otherHistory(UnitResult candidate) {
        return present.origin().refusal(candidate.origin(), present.standby(), candidate.consistent());
    }

    /** All that can be decided without reading the relations. */
    private Optional<ExportReason> refusal(Unit unit, UnitResult candidate) {
        UnitEntry entry = entry(candidate);
        Optional<ExportReason> history = otherHistory(candidate);
        if (history.isPresent()) {
            return history;
        }
        String schema = schemaHash(unit);
        if (schema == null) {
            return Optional.of(ExportReason.NOT_COMPARABLE);
        }
        if (!schema.equals(entry.schemaHash())) {
            return Optional.of(ExportReason.SCHEMA);
        }
        for (int i = 0; i < unit.parts().size(); i++) {
            if (!samePlace(unit.parts().get(i), entry.relations().get(i))) {
                return Optional.of(ExportReason.REWRITTEN);
            }
        }
        if (entry.snapshotXmin() == 0) {
            return Optional.of(ExportReason.NOT_DURABLE);
        }
        if (entry.snapshotXmin() > present.origin().xmin()) {
            return Optional.of(ExportReason.NOT_LATER);
        }
        if (present.origin().xmax() - entry.snapshotXmin() >= MOST_TRANSACTIONS) {
            return Optional.of(ExportReason.TOO_OLD);
        }
        return wrongFile(unit, entry);
    }

    /** Rows of a slice are the same only in the same file: VACUUM FULL moves them to other blocks. */
    private static boolean samePlace(Part part, Relation recorded) {
        return Objects.equals(part.companionOid(), recorded.companionOid())
                && (!part.isSlice() || Objects.equals(part.filenode(), recorded.filenode()));
    }

    private Optional<ExportReason> wrongFile(Unit unit, UnitEntry entry) {
        String folder = "data/" + FileNames.of(unit.table()) + "/";
        String suffix = ".csv" + Codec.of(destination.compression().codec()).suffix();
        String ending = "-" + entry.sha256().substring(0, 12) + suffix;
        if (!entry.file().endsWith(suffix)) {
            return Optional.of(ExportReason.CODEC);
        }
        if (!entry.file().startsWith(folder) || !entry.file().endsWith(ending)) {
            return Optional.of(ExportReason.FILE_DAMAGED);
        }
        try {
            OptionalLong size = destination.store().size(path(entry));
            if (size.isEmpty()) {
                return Optional.of(ExportReason.FILE_MISSING);
            }
            return size.getAsLong() == entry.bytes() ? Optional.empty() : Optional.of(ExportReason.FILE_DAMAGED);
        } catch (IOException e) {
            throw StorageErrors.reading(path(entry), e);
        }
    }

    private Optional<ExportReason> change(Connection session, Unit unit, UnitEntry entry) throws SQLException {
        try {
            Optional<ExportReason> changed =
                    Savepoint.within(session, "looking", () -> changedRows(session, unit, entry));
            // what no backup was sealed with has never been read back
            boolean trusted = mode != Reuse.VERIFIED && earlier.isSealed(entry.file());
            return changed.isPresent() || trusted ? changed : changedFile(entry);
        } catch (SQLException e) {
            // class 42: no right to look, or not there any more; if it matters, the export will say so
            if (e.getSQLState() != null && e.getSQLState().startsWith("42")) {
                return Optional.of(ExportReason.NOT_COMPARABLE);
            }
            throw e;
        }
    }

    private Optional<ExportReason> changedRows(Connection session, Unit unit, UnitEntry entry) throws SQLException {
        long atLeast = present.origin().xmax() - entry.snapshotXmin();
        for (int i = 0; i < unit.parts().size(); i++) {
            VisibleRows now = VisibleRows.count(session, unit.parts().get(i), entry.snapshotXmin());
            long then = entry.relations().get(i).rows();
            if (now.passed() < atLeast) {
                return Optional.of(ExportReason.TOO_OLD);
            }
            if (now.newer() > 0 || now.rows() > then) {
                return Optional.of(ExportReason.ROWS_ADDED);
            }
            if (now.rows() < then) {
                return Optional.of(ExportReason.ROWS_REMOVED);
            }
        }
        return Optional.empty();
    }

    private Optional<ExportReason> changedFile(UnitEntry entry) {
        try (InputStream file = destination.store().open(path(entry))) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(file, sha256).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(sha256.digest()).equals(entry.sha256())
                    ? Optional.empty()
                    : Optional.of(ExportReason.FILE_DAMAGED);
        } catch (IOException e) {
            throw StorageErrors.reading(path(entry), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * What is recorded of a unit that was found unchanged, and proved to be where the snapshot shows it.
     *
     * @param durable whether this snapshot would survive a crash; if not, the earlier one still bounds the next comparison
     */
    UnitResult reused(Unit unit, UnitResult unchanged, boolean durable) {
        UnitEntry entry = entry(unchanged);
        List<Relation> relations = new ArrayList<>();
        List<UnitResult.Seed> seeds = new ArrayList<>();
        for (int i = 0; i < unit.parts().size(); i++) {
            Part part = unit.parts().get(i);
            Relation then = entry.relations().get(i);
            relations.add(relation(part, then.rows()));
            unchanged.seeds().stream()
                    .filter(seed -> seed.chunk().equals(then.name()))
                    .forEach(seed -> seeds.add(new UnitResult.Seed(part.relation(), seed.values())));
        }
        return new UnitResult(
                unit.table(),
                new UnitEntry(
                        unit.id(),
                        entry.file(),
                        relations,
                        entry.rows(),
                        entry.csvBytes(),
                        entry.bytes(),
                        entry.sha256(),
                        entry.digest(),
                        durable ? present.origin().xmin() : entry.snapshotXmin(),
                        true,
                        entry.schemaHash()),
                seeds,
                true,
                present.origin(),
                null);
    }

    /** A part as the manifest will name it. */
    static Relation relation(Part part, long rows) {
        return new Relation(
                part.relation(),
                part.oid(),
                part.companionOid(),
                part.firstBlock(),
                part.endBlock(),
                rows,
                part.filenode());
    }

    private String path(UnitEntry entry) {
        return destination.databaseFolder() + "/" + entry.file();
    }

    private static UnitEntry entry(UnitResult result) {
        return Objects.requireNonNull(result.entry(), "a unit without rows has nothing to reuse");
    }
}

package io.hyperkeep.verify;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.CopyOut;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.database.WideRows;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.UnstableHashes;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.runs.RunProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads every row of restored tables back and compares count and digest with the manifest's.
 *
 * <p>The rows come by COPY with the columns and options that the backup's files have, from sessions that are pinned as
 * the export's were, so that equal rows are equal text on every version of the server.
 *
 * <p>A table may be read as soon as its rows are in, while its indexes are built: that changes no row. What was read
 * that early is counted once more at the end. Thread-safe.
 */
public final class CompareRows {
    // a piece should last far longer than its statement, and leave no one idle at the end
    private static final long PIECE_BYTES = 64L << 20;
    private static final int MOST_CHUNKS = 100;
    private static final int REPORT_ROWS = 10_000;

    private final Readers readers;
    private final String options;
    private final RunProgress progress;
    private final WideRows wideRows = new WideRows();
    private final Map<TableName, TableEntry> expected = new LinkedHashMap<>();
    private final Map<TableName, RowSum> sums = new ConcurrentHashMap<>();
    private final Map<TableName, Map<List<Slice>, RowSum>> sumsOfChunks = new ConcurrentHashMap<>();
    private final Set<TableName> onlyCounted = new TreeSet<>();
    private final Set<TableName> divided = new TreeSet<>();
    private final Set<TableName> begun = ConcurrentHashMap.newKeySet();

    /**
     * @param readers sessions to read with
     * @param options what the backup's COPY was given, with HEADER
     * @param expected what the manifest says
     */
    public CompareRows(Readers readers, String options, RunProgress progress, List<TableEntry> expected) {
        this.readers = readers;
        this.options = options;
        this.progress = progress;
        expected.forEach(table -> this.expected.put(table.name(), table));
    }

    /** Some of a table's rows; {@code bytes} is what they take in the table. */
    public record Piece(TableName table, List<Source> sources, long bytes) {}

    /**
     * Rows that one COPY reads.
     *
     * @param copy what COPY is given
     * @param chunk the range of the chunk that they are all of; empty where they are of no chunk
     */
    public record Source(String copy, List<Slice> chunk) {}

    /**
     * Cuts tables into pieces, the biggest first. The caller has to read every one of them, by {@link #hand()}.
     *
     * @param found the tables as they are now, with all their rows; those that nothing is expected of, and those that
     *     were cut before, are left out
     */
    public List<Piece> pieces(List<DiscoveredTable> found) {
        List<Piece> pieces = new ArrayList<>();
        for (DiscoveredTable now : found) {
            TableEntry table = expected.get(now.name());
            if (table != null && table.kind() != TableEntry.Kind.PARTITIONED && begun.add(now.name())) {
                pieces.addAll(pieces(table, now));
            }
        }
        pieces.sort(Comparator.comparingLong(Piece::bytes).reversed());
        progress.expect(pieces.size(), pieces.stream().mapToLong(Piece::bytes).sum());
        return pieces;
    }

    /** Makes somebody who reads pieces over a connection of its own. */
    public Hand<Piece> hand() {
        return readers.hand(piece -> "cannot read " + piece.table() + " back", this::read);
    }

    /**
     * Reads what was not read before, several pieces at once, and compares all.
     *
     * @param found the target's tables as they are now; a table that is missing there is a finding too
     * @param jobs number of connections
     * @return every table whose rows differ
     * @throws io.hyperkeep.problem.BackupException when a table can not be read
     */
    public List<Finding> run(List<DiscoveredTable> found, int jobs) {
        Map<TableName, DiscoveredTable> there =
                found.stream().collect(Collectors.toMap(DiscoveredTable::name, table -> table));
        List<DiscoveredTable> early = begun.stream()
                .map(there::get)
                .filter(java.util.Objects::nonNull)
                .toList();
        Crew.work("compare", jobs, pieces(found), this::hand);
        Map<TableName, Long> counts = counts(early, jobs);
        List<Finding> findings = new ArrayList<>();
        UnstableHashes hashes = hashes();
        findings.addAll(ofPartitions(hashes, counts));
        for (TableEntry table : expected.values()) {
            if (hashes.moves(table.name())) {
                continue;
            }
            if (!there.containsKey(table.name())) {
                // told by who compares the structure
                continue;
            }
            RowSum sum = sums.getOrDefault(table.name(), RowSum.NOTHING);
            long rows = counts.getOrDefault(table.name(), sum.rows());
            int before = findings.size();
            if (rows != table.rows() || sum.rows() != table.rows()) {
                findings.add(new Finding(
                        table.name().toString(),
                        "has " + (rows != table.rows() ? rows : sum.rows()) + " rows, the backup has " + table.rows(),
                        Long.toString(table.rows()),
                        Long.toString(rows != table.rows() ? rows : sum.rows())));
            } else if (!sum.digest().equals(table.digest())) {
                findings.add(new Finding(
                        table.name().toString(),
                        "has as many rows as the backup, " + sum.rows() + ", but not the same ones",
                        table.digest().toString(),
                        sum.digest().toString()));
            }
            if (findings.size() == before
                    && hashes.dimensions().containsKey(table.name())
                    && !CompareChunks.run(table, sumsOfChunks.getOrDefault(table.name(), Map.of()))
                            .isEmpty()) {
                divided.add(table.name());
            }
            if (findings.size() > before) {
                findings.addAll(CompareChunks.run(table, sumsOfChunks.getOrDefault(table.name(), Map.of())));
            }
        }
        return findings;
    }

    /** Tables whose rows are in other partitions, or were counted and not compared, since {@link #run}. */
    public List<Warning> notCompared() {
        return Stream.concat(
                        divided.stream().map(CompareRows::divided),
                        onlyCounted.stream().map(CompareRows::onlyCounted))
                .toList();
    }

    /** What there is to say of a table whose rows are in other partitions or chunks than they were. */
    public static Warning divided(TableName table) {
        return new Warning(
                "other-partitions",
                "table " + table
                        + ": its rows are divided otherwise among its partitions or chunks: they go by hashes that"
                        + " are others in each database, as those of an enum are; no row is missing");
    }

    /** What there is to say of a table whose rows move between partitions with columns in different orders. */
    public static Warning onlyCounted(TableName table) {
        return new Warning(
                "rows-counted",
                "table " + table
                        + ": its rows were counted and not compared one by one, as they move between partitions"
                        + " whose columns are in different orders");
    }

    private UnstableHashes hashes() {
        try {
            return readers.read(UnstableHashes::of);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read how tables are partitioned", e);
        }
    }

    /** Partitions between which rows move are compared together. */
    private List<Finding> ofPartitions(UnstableHashes hashes, Map<TableName, Long> counts) {
        Map<TableName, RowSum> backup = new TreeMap<>();
        Map<TableName, RowSum> now = new HashMap<>();
        Map<TableName, Set<List<String>>> columns = new HashMap<>();
        for (TableEntry table : expected.values()) {
            if (hashes.moves(table.name())) {
                TableName root = hashes.rootOf(table.name());
                RowSum sum = sums.getOrDefault(table.name(), RowSum.NOTHING);
                if (!sum.equals(new RowSum(table.rows(), table.digest()))) {
                    divided.add(root);
                }
                long moved = counts.getOrDefault(table.name(), sum.rows()) - sum.rows();
                backup.merge(root, new RowSum(table.rows(), table.digest()), RowSum::plus);
                now.merge(root, sum.plus(new RowSum(moved, RowDigest.NONE)), RowSum::plus);
                columns.computeIfAbsent(root, of -> new HashSet<>())
                        .add(table.exportedColumns().stream().map(Column::name).toList());
            }
        }
        List<Finding> findings = new ArrayList<>();
        backup.forEach((root, sum) -> {
            RowSum there = Objects.requireNonNull(now.get(root));
            if (sum.rows() != there.rows()) {
                findings.add(new Finding(
                        root.toString(),
                        "has " + there.rows() + " rows in its partitions, the backup has " + sum.rows(),
                        Long.toString(sum.rows()),
                        Long.toString(there.rows())));
            } else if (Objects.requireNonNull(columns.get(root)).size() > 1) {
                // a row's text is in the order of its partition's columns, and that was another partition
                onlyCounted.add(root);
            } else if (!sum.digest().equals(there.digest())) {
                findings.add(new Finding(
                        root.toString(),
                        "has as many rows in its partitions as the backup, " + there.rows() + ", but not the same ones",
                        sum.digest().toString(),
                        there.digest().toString()));
            }
        });
        return findings;
    }

    /** How many rows these tables have by now. */
    private Map<TableName, Long> counts(List<DiscoveredTable> tables, int jobs) {
        Map<TableName, Long> counts = new ConcurrentHashMap<>();
        Crew.work(
                "count",
                jobs,
                tables,
                () -> readers.hand(
                        table -> "cannot count the rows of " + table.name(),
                        (connection, table) -> counts.put(
                                table.name(),
                                Query.one(
                                        connection, "SELECT count(*) FROM " + rowsOf(table), row -> row.getLong(1)))));
        return counts;
    }

    private static String rowsOf(DiscoveredTable table) {
        // a hypertable's rows are in its chunks; other tables that inherit are tables of their own here
        return (table.isHypertable() ? "" : "ONLY ") + Identifiers.quote(table.relation());
    }

    private static List<Piece> pieces(TableEntry table, DiscoveredTable now) {
        return now.isHypertable() ? ofChunks(table, now.chunks()) : ofBlocks(table, now);
    }

    private static List<Piece> ofChunks(TableEntry table, List<DiscoveredChunk> chunks) {
        List<Piece> pieces = new ArrayList<>();
        List<Source> group = new ArrayList<>();
        long bytes = 0;
        for (DiscoveredChunk chunk : chunks) {
            String copy = chunk.companion() == null
                    ? whole(table, chunk.name())
                    // only a query decompresses
                    : query(table, Identifiers.quote(chunk.name()));
            group.add(new Source(copy, chunk.slices()));
            bytes += chunk.bytes();
            if (bytes >= PIECE_BYTES || group.size() == MOST_CHUNKS) {
                pieces.add(new Piece(table.name(), List.copyOf(group), bytes));
                group.clear();
                bytes = 0;
            }
        }
        if (!group.isEmpty()) {
            pieces.add(new Piece(table.name(), List.copyOf(group), bytes));
        }
        return pieces;
    }

    private static List<Piece> ofBlocks(TableEntry table, DiscoveredTable now) {
        long slices = Math.max(1, Math.min(now.bytes() / PIECE_BYTES, now.blocks()));
        List<Piece> pieces = new ArrayList<>();
        if (slices == 1) {
            return List.of(
                    new Piece(table.name(), List.of(new Source(whole(table, table.name()), List.of())), now.bytes()));
        }
        for (long i = 0; i < slices; i++) {
            String from = "ONLY " + Identifiers.quote(table.name()) + " WHERE ctid >= '("
                    + now.blocks() * i / slices + ",0)'::tid"
                    // the last one is open: the table may have grown since its blocks were counted
                    + (i < slices - 1 ? " AND ctid < '(" + now.blocks() * (i + 1) / slices + ",0)'::tid" : "");
            pieces.add(
                    new Piece(table.name(), List.of(new Source(query(table, from), List.of())), now.bytes() / slices));
        }
        return pieces;
    }

    /** A relation's own rows; without the executor in between, COPY needs less of the server's time. */
    private static String whole(TableEntry table, TableName relation) {
        String columns = Identifiers.columnList(table.exportedColumns());
        return columns.isEmpty()
                ? query(table, "ONLY " + Identifiers.quote(relation))
                : Identifiers.quote(relation) + " (" + columns + ")";
    }

    private static String query(TableEntry table, String from) {
        return "(SELECT " + Identifiers.columnList(table.exportedColumns()) + " FROM " + from + ")";
    }

    private void read(Connection connection, Piece piece) throws SQLException {
        try (WideRows.Turn turn = wideRows.turn()) {
            for (Source source : piece.sources()) {
                RowDigester digester = new RowDigester();
                String sql = "COPY " + source.copy() + " TO STDOUT (" + options + ")";
                long rows = CopyOut.run(connection, sql, true, new Rows(digester, turn, progress));
                RowSum sum = new RowSum(rows, digester.digest());
                sums.merge(piece.table(), sum, RowSum::plus);
                if (!source.chunk().isEmpty()) {
                    sumsOfChunks
                            .computeIfAbsent(piece.table(), table -> new ConcurrentHashMap<>())
                            .merge(source.chunk(), sum, RowSum::plus);
                }
            }
        } catch (IOException e) {
            // nothing is written here
            throw new UncheckedIOException(e);
        }
        progress.unitDone(piece.bytes());
    }

    /** Digests what comes, but for the header. */
    private static final class Rows implements CopyOut.RowSink {
        private final RowDigester digester;
        private final WideRows.Turn turn;
        private final RunProgress progress;
        private boolean header = true;
        private int unreported;

        Rows(RowDigester digester, WideRows.Turn turn, RunProgress progress) {
            this.digester = digester;
            this.turn = turn;
            this.progress = progress;
        }

        @Override
        public void row(byte[] row) {
            if (header) {
                header = false;
                return;
            }
            turn.row(row.length);
            digester.add(row, 0, row.length);
            if (++unreported == REPORT_ROWS) {
                progress.moved(unreported, 0);
                unreported = 0;
            }
        }
    }
}

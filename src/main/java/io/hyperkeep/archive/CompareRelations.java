package io.hyperkeep.archive;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.CopyOut;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.WideRows;
import io.hyperkeep.discovery.UnstableHashes;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DumpedRelation;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.Readers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Compares the rows of each relation with those in the archive, raw: compressed rows as they are stored. Both
 * are digested in the same text, whatever their order. Thread-safe.
 */
final class CompareRelations {
    private static final int REPORT_ROWS = 10_000;

    private final Path backup;
    private final DatabaseDump dump;
    private final Map<String, FileEntry> files;
    private final ClientTools tools;
    private final Readers readers;
    private final RunProgress progress;
    private final WideRows wideRows = new WideRows();
    private final Set<TableName> onlyCounted = ConcurrentHashMap.newKeySet();
    private final Set<TableName> divided = ConcurrentHashMap.newKeySet();

    /**
     * @param backup the backup's folder
     * @param tools finds pg_restore, for an archive that only it can read
     */
    CompareRelations(Path backup, DatabaseDump dump, ClientTools tools, Readers readers, RunProgress progress) {
        this.backup = backup;
        this.dump = dump;
        this.files = dump.files().stream().collect(Collectors.toMap(FileEntry::file, Function.identity()));
        this.tools = tools;
        this.readers = readers;
        this.progress = progress;
    }

    /**
     * Relations of the archive that are not there.
     *
     * @param told those of which it is told elsewhere when they are missing
     */
    List<Finding> missing(Predicate<TableName> told) throws SQLException {
        Set<TableName> there = there();
        return dump.relations().stream()
                .map(DumpedRelation::relation)
                .filter(relation -> !there.contains(relation) && !told.test(relation))
                .map(relation -> Finding.missing("relation " + relation))
                .toList();
    }

    /**
     * Compares those that are there.
     *
     * @param hashes partitions between which rows move: they are compared together
     * @param jobs number of sessions
     * @return every relation that differs
     * @throws io.hyperkeep.problem.BackupException DAMAGED when a file is not what it was
     */
    List<Finding> run(UnstableHashes hashes, int jobs) throws SQLException {
        Set<TableName> there = there();
        List<Finding> findings = new ArrayList<>();
        List<DumpedRelation> biggestFirst = dump.relations().stream()
                .filter(relation -> there.contains(relation.relation()))
                .sorted(Comparator.comparingLong(this::bytes).reversed())
                .toList();
        progress.expect(
                biggestFirst.size(),
                biggestFirst.stream().mapToLong(this::bytes).sum());
        ArchiveSums archive = ArchiveSums.of(backup, dump, biggestFirst, tools, jobs);
        Queue<Finding> differences = new ConcurrentLinkedQueue<>();
        Map<TableName, Queue<Pair>> moved = new ConcurrentHashMap<>();
        Crew.work(
                "compare",
                jobs,
                biggestFirst,
                () -> readers.hand(
                        relation -> "cannot read " + relation.relation() + " back", (connection, relation) -> {
                            Pair pair = read(connection, relation, archive);
                            if (hashes.moves(relation.relation())) {
                                moved.computeIfAbsent(
                                                hashes.rootOf(relation.relation()), of -> new ConcurrentLinkedQueue<>())
                                        .add(pair);
                            } else {
                                differ("relation " + relation.relation(), pair.archived(), pair.now())
                                        .ifPresent(differences::add);
                            }
                        }));
        moved.forEach((root, pairs) -> {
            CopiedRows.Sum archived = sum(pairs.stream().map(Pair::archived).toList());
            CopiedRows.Sum now = sum(pairs.stream().map(Pair::now).toList());
            if (pairs.stream().anyMatch(pair -> !pair.archived().equals(pair.now()))) {
                divided.add(root);
            }
            boolean sameOrder = pairs.stream().map(Pair::columns).distinct().count() == 1;
            if (!sameOrder && archived.rows() == now.rows()) {
                onlyCounted.add(root);
            } else {
                differ("partitions of " + root, archived, now).ifPresent(differences::add);
            }
        });
        differences.stream().sorted(Comparator.comparing(Finding::on)).forEach(findings::add);
        return findings;
    }

    private Set<TableName> there() throws SQLException {
        return new HashSet<>(readers.read(session -> Query.list(
                session,
                "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
                        + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'",
                row -> new TableName(row.getString(1), row.getString(2)))));
    }

    private long bytes(DumpedRelation relation) {
        long bytes = Objects.requireNonNull(files.get(relation.file()), relation.file())
                .bytes();
        // where all are in one file nobody knows how much of it is whose
        return relation.entry() == null ? bytes : bytes / dump.relations().size();
    }

    /** Tables whose rows were only counted, since {@link #run}. */
    Set<TableName> onlyCounted() {
        return Set.copyOf(onlyCounted);
    }

    /** Tables whose rows are in other partitions than they were, since {@link #run}. */
    Set<TableName> divided() {
        return Set.copyOf(divided);
    }

    /** The rows of a relation in the archive, and there. */
    private record Pair(List<String> columns, CopiedRows.Sum archived, CopiedRows.Sum now) {}

    private Pair read(Connection connection, DumpedRelation relation, ArchiveSums archive)
            throws SQLException, InterruptedException {
        CopiedRows.Sum archived = archive.of(relation);
        RowDigester digester = new RowDigester();
        long rows = read(connection, relation, digester);
        progress.unitDone(bytes(relation));
        return new Pair(relation.columns(), archived, new CopiedRows.Sum(rows, digester.digest()));
    }

    private static CopiedRows.Sum sum(List<CopiedRows.Sum> sums) {
        return sums.stream()
                .reduce(
                        new CopiedRows.Sum(0, RowDigest.NONE),
                        (one, other) -> new CopiedRows.Sum(
                                one.rows() + other.rows(), one.digest().plus(other.digest())));
    }

    private static Optional<Finding> differ(String on, CopiedRows.Sum archived, CopiedRows.Sum now) {
        if (now.rows() != archived.rows()) {
            return Optional.of(new Finding(
                    on,
                    "has " + now.rows() + " rows, the backup has " + archived.rows(),
                    Long.toString(archived.rows()),
                    Long.toString(now.rows())));
        }
        return now.digest().equals(archived.digest())
                ? Optional.empty()
                : Optional.of(new Finding(
                        on,
                        "has as many rows as the backup, " + now.rows() + ", but not the same ones",
                        archived.digest().toString(),
                        now.digest().toString()));
    }

    private long read(Connection connection, DumpedRelation relation, RowDigester digester) throws SQLException {
        String columns = relation.columns().isEmpty()
                ? ""
                : relation.columns().stream().map(Identifiers::quote).collect(Collectors.joining(", ", " (", ")"));
        try (WideRows.Turn turn = wideRows.turn()) {
            int[] unreported = {0};
            return CopyOut.run(
                    connection,
                    "COPY " + Identifiers.quote(relation.relation()) + columns + " TO STDOUT",
                    false,
                    row -> {
                        turn.row(row.length);
                        digester.add(row, 0, row.length);
                        if (++unreported[0] == REPORT_ROWS) {
                            progress.moved(REPORT_ROWS, 0);
                            unreported[0] = 0;
                        }
                    });
        } catch (IOException e) {
            // nothing is written here
            throw new UncheckedIOException(e);
        }
    }
}

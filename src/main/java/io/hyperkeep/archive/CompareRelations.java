package io.hyperkeep.archive;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.CopyOut;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.WideRows;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DumpedRelation;
import io.hyperkeep.manifest.FileEntry;
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
import java.util.Queue;
import java.util.Set;
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
     * @param jobs number of sessions
     * @return every relation that differs
     * @throws io.hyperkeep.problem.BackupException DAMAGED when a file is not what it was
     */
    List<Finding> run(int jobs) throws SQLException {
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
        Crew.work(
                "compare",
                jobs,
                biggestFirst,
                () -> readers.hand(
                        relation -> "cannot read " + relation.relation() + " back",
                        (connection, relation) -> compare(connection, relation, archive, differences)));
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

    private void compare(
            Connection connection, DumpedRelation relation, ArchiveSums archive, Queue<Finding> differences)
            throws SQLException, InterruptedException {
        CopiedRows.Sum archived = archive.of(relation);
        RowDigester digester = new RowDigester();
        long rows = read(connection, relation, digester);
        String on = "relation " + relation.relation();
        if (rows != archived.rows()) {
            differences.add(new Finding(
                    on,
                    "has " + rows + " rows, the backup has " + archived.rows(),
                    Long.toString(archived.rows()),
                    Long.toString(rows)));
        } else if (!digester.digest().equals(archived.digest())) {
            differences.add(new Finding(
                    on,
                    "has as many rows as the backup, " + rows + ", but not the same ones",
                    archived.digest().toString(),
                    digester.digest().toString()));
        }
        progress.unitDone(bytes(relation));
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

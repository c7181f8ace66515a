package io.hyperkeep.archive;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.UnstableHashes;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.restore.ArchiveOptions.RowComparison;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.CompareAggregates;
import io.hyperkeep.verify.CompareRows;
import io.hyperkeep.verify.CompareStructure;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.Expected;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.JobState;
import io.hyperkeep.verify.Readers;
import io.hyperkeep.verify.SameMeaning;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares a database with the one that was dumped: structure, chunks one by one, the number of rows of every table as
 * queries see them, and every relation's rows with the archive's. Thread-safe.
 */
public final class CompareArchive {
    private final Readers readers;
    private final ClientTools tools;
    private final RunProgress progress;
    private final Path backup;
    private final Manifest manifest;
    private final boolean noOwner;
    private final Set<TableName> onlyCounted = ConcurrentHashMap.newKeySet();
    private final Set<TableName> divided = ConcurrentHashMap.newKeySet();

    /**
     * @param tools finds pg_restore, for an archive that only it can read
     * @param backup the backup's folder
     * @param noOwner whether owners and rights are left out
     */
    public CompareArchive(
            Readers readers, ClientTools tools, RunProgress progress, Path backup, Manifest manifest, boolean noOwner) {
        this.readers = readers;
        this.tools = tools;
        this.progress = progress;
        this.backup = backup;
        this.manifest = manifest;
        this.noOwner = noOwner;
    }

    /**
     * Compares.
     *
     * @param comparison whether rows are read, or only counted
     * @param jobs number of sessions
     * @param state whether policies and jobs have to be on
     * @return every difference, and what is not quite as it was and loses nothing
     */
    public Comparison run(RowComparison comparison, int jobs, JobState state) throws SQLException {
        Inventory there = readers.read(
                session -> new DiscoverDatabase().inventory(session, ServerCapabilities.of(session), table -> true));
        Inventory found = noOwner ? WithoutOwners.of(there) : there;
        List<SchemaObject> objects = manifest.objects() == null ? List.of() : manifest.objects();
        List<Finding> structure = new ArrayList<>(CompareStructure.run(
                new Expected(
                        manifest,
                        noOwner ? WithoutOwners.tables(manifest.tables()) : manifest.tables(),
                        manifest.sequences(),
                        noOwner ? WithoutOwners.objects(objects) : objects,
                        new Expected.Jobs(manifest.jobs(), state),
                        Set.of(),
                        true,
                        manifest.objects() != null,
                        true),
                found));
        structure.addAll(CompareAggregates.run(manifest.aggregates(), manifest.tables(), found));
        List<Finding> differences = new ArrayList<>(SameMeaning.run(structure, readers));
        version(differences);
        Map<TableName, Long> rows = new CountRows(progress).run(found.tables(), readers, jobs);
        Map<TableName, DiscoveredTable> byName =
                found.tables().stream().collect(Collectors.toMap(DiscoveredTable::name, Function.identity()));
        UnstableHashes hashes = readers.read(UnstableHashes::of);
        Map<TableName, Long> inPartitions = new TreeMap<>();
        Map<TableName, Long> inPartitionsNow = new HashMap<>();
        for (TableEntry table : manifest.tables()) {
            DiscoveredTable now = byName.get(table.name());
            if (now != null) {
                String on = "table " + table.name();
                long counted = rows.getOrDefault(table.name(), 0L);
                if (hashes.moves(table.name())) {
                    if (counted != table.rows()) {
                        divided.add(hashes.rootOf(table.name()));
                    }
                    inPartitions.merge(hashes.rootOf(table.name()), table.rows(), Long::sum);
                    inPartitionsNow.merge(hashes.rootOf(table.name()), counted, Long::sum);
                } else {
                    Finding.ifDifferent(differences, on, "number of rows", table.rows(), counted);
                }
                chunks(differences, on, table, now);
            }
        }
        inPartitions.forEach((root, expected) -> Finding.ifDifferent(
                differences, "table " + root, "number of rows in its partitions", expected, inPartitionsNow.get(root)));
        CompareRelations relations =
                new CompareRelations(backup, Objects.requireNonNull(manifest.dump()), tools, readers, progress);
        differences.addAll(relations.missing(tablesAndChunks()::contains));
        if (comparison == RowComparison.ROWS) {
            differences.addAll(relations.run(hashes, jobs));
            onlyCounted.addAll(relations.onlyCounted());
            divided.addAll(relations.divided());
        }
        List<Warning> warnings = new ArrayList<>(CompareStructure.reordered(manifest.tables(), found));
        warnings.addAll(notCompared());
        return new Comparison(differences, warnings);
    }

    /** What is in other partitions, or was counted and not compared row by row, since {@link #run}; each by name. */
    private List<Warning> notCompared() {
        return Stream.concat(
                        divided.stream().sorted().map(CompareRows::divided),
                        onlyCounted.stream().sorted().map(CompareRows::onlyCounted))
                .toList();
    }

    private Set<TableName> tablesAndChunks() {
        return manifest.tables().stream()
                .flatMap(table -> Stream.concat(
                        Stream.of(table.name()),
                        table.hypertable() == null
                                ? Stream.of()
                                : table.hypertable().chunks().stream().map(ChunkEntry::chunk)))
                .collect(Collectors.toSet());
    }

    private void version(List<Finding> differences) throws SQLException {
        if (manifest.source().timescale() != null) {
            List<String> now = readers.read(session -> Query.list(
                    session,
                    "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'",
                    row -> row.getString(1)));
            Finding.ifDifferent(
                    differences,
                    "extension timescaledb",
                    "version",
                    List.of(manifest.source().timescale().version()),
                    now);
        }
    }

    /** An archive brings every chunk back under its own name; a row of the catalog that is missing hides one. */
    private static void chunks(List<Finding> differences, String on, TableEntry table, DiscoveredTable now) {
        Hypertable hypertable = table.hypertable();
        if (hypertable == null) {
            return;
        }
        Map<TableName, DiscoveredChunk> there =
                now.chunks().stream().collect(Collectors.toMap(DiscoveredChunk::name, Function.identity()));
        for (ChunkEntry chunk : hypertable.chunks()) {
            DiscoveredChunk other = there.remove(chunk.chunk());
            if (other == null) {
                differences.add(Finding.missing(on + ", chunk " + chunk.chunk()));
            } else {
                Finding.ifDifferent(
                        differences, on + ", chunk " + chunk.chunk(), "range", chunk.slices(), other.slices());
                Finding.ifDifferent(
                        differences, on + ", chunk " + chunk.chunk(), "storage", chunk.storage(), other.storage());
            }
        }
        there.keySet().forEach(chunk -> differences.add(new Finding(on + ", chunk " + chunk, "is not in the backup")));
    }
}

package io.hyperkeep.export;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.schema.Keywords;
import io.hyperkeep.schema.SchemaDump;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.PendingFile;
import io.hyperkeep.storage.Repository;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a backup of what an attempt exported: writes the manifest last, by rename, so that without it there is none.
 *
 * <p>Thread-safe: it has no state of its own.
 */
public final class SealBackup {
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final String ID_PATTERN =
            "\\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3])[0-5]\\d[0-5]\\dZ(-\\d+)?";

    private final Clock clock;
    private final String tool;

    /**
     * @param clock for when it was sealed
     * @param tool name and version of this program
     */
    public SealBackup(Clock clock, String tool) {
        this.clock = clock;
        this.tool = tool;
    }

    /**
     * A backup's folder that is not sealed, and so is nobody's backup yet.
     *
     * @param repository where it is
     * @param database the database's folder in it
     * @param id the backup's id, its folder's name
     */
    public record Draft(Repository repository, String database, String id) {
        /** Path of the backup's folder in the store. */
        public String path() {
            return database + "/backups/" + id;
        }

        /** The backup's folder on disk. */
        public Path folder() {
            return repository.root().resolve(path());
        }
    }

    /**
     * Everything that the manifest says beside the units.
     *
     * @param run the run's number
     * @param plan the plan's name, or null
     * @param started when the run began
     * @param snapshot the one that it read
     * @param selection which tables were asked for
     * @param inventory what was selected
     * @param properties what is said of the database as a whole, or null
     * @param schema the schema dump, already in the draft's folder
     * @param data how data files are written
     * @param warnings of all phases
     */
    public record Facts(
            long run,
            @Nullable String plan,
            Instant started,
            SnapshotInfo snapshot,
            Selection selection,
            Inventory inventory,
            @Nullable DatabaseProperties properties,
            SchemaDump schema,
            DataFormat data,
            List<Warning> warnings) {}

    /**
     * Creates the folder of a new backup, under an id that no other has and that comes after those of all others: whoever
     * looks for the latest, or prunes, goes by the ids, also when the clock was set back meanwhile.
     *
     * @param database the database's name as configured
     * @throws io.hyperkeep.problem.BackupException when the repository can not be written
     */
    public static Draft begin(Repository repository, String database, Instant started) {
        String folder = FileNames.of(database);
        try {
            String time = id(afterAll(repository.store().list(folder + "/backups"), started));
            String id = time;
            for (int suffix = 2; !repository.store().createFolder(folder + "/backups/" + id); suffix++) {
                id = time + "-" + suffix;
            }
            return new Draft(repository, folder, id);
        } catch (IOException e) {
            throw StorageErrors.writing(repository.root().resolve(folder).toString(), e);
        }
    }

    /** The id of a backup that began then, if nothing is wrong with the clock and no other began in the same second. */
    public static String id(Instant started) {
        return ID.format(started);
    }

    private static Instant afterAll(List<String> folders, Instant started) {
        return folders.stream()
                .filter(folder -> folder.matches(ID_PATTERN))
                .max(Comparator.naturalOrder())
                .map(newest -> ID.parse(newest.substring(0, newest.indexOf('Z') + 1), Instant::from))
                .filter(newest -> newest.isAfter(started))
                .map(newest -> newest.plusSeconds(1))
                .orElse(started);
    }

    /**
     * Seals.
     *
     * @param results of every planned unit
     * @return what the manifest says
     * @throws io.hyperkeep.problem.BackupException when a file could not be written; then there is no backup
     */
    public Manifest seal(Draft draft, Facts facts, List<UnitResult> results) {
        List<TableEntry> tables = tables(facts, results);
        List<Warning> warnings = new ArrayList<>(facts.warnings());
        boolean consistent = results.stream().allMatch(UnitResult::consistent);
        results.stream()
                .filter(result -> !result.consistent())
                .map(UnitResult::table)
                .distinct()
                .sorted()
                .forEach(table -> warnings.add(new Warning(
                        "inconsistent",
                        table + " was changed physically while it was read: some of its rows are of a later moment than"
                                + " the snapshot, or were dropped since")));
        List<UnitEntry> units =
                tables.stream().flatMap(table -> table.units().stream()).toList();
        Manifest manifest = new Manifest(
                Manifest.FORMAT_VERSION,
                draft.id(),
                BackupKind.TABLES.word(),
                tool,
                facts.run(),
                facts.plan(),
                facts.started(),
                clock.instant(),
                facts.inventory().source(),
                facts.snapshot(),
                consistent,
                facts.data(),
                facts.schema().files(),
                facts.selection(),
                tables,
                facts.inventory().aggregates(),
                sequences(facts),
                objects(facts),
                facts.schema().refresh(),
                jobs(facts, warnings),
                warnings,
                new Totals(
                        tables.size(),
                        units.size(),
                        (int) units.stream().filter(UnitEntry::reused).count(),
                        units.stream().mapToLong(UnitEntry::rows).sum(),
                        units.stream().mapToLong(UnitEntry::csvBytes).sum(),
                        units.stream().mapToLong(UnitEntry::bytes).sum(),
                        units.stream()
                                .filter(unit -> !unit.reused())
                                .mapToLong(UnitEntry::bytes)
                                .sum(),
                        reexported(results)),
                facts.properties(),
                null,
                null);
        RestoreGuide guide = new RestoreGuide(manifest);
        write(draft, RestoreGuide.FINISH, guide.finish());
        if (!guide.columnstore().isEmpty()) {
            write(draft, RestoreGuide.COLUMNSTORE, guide.columnstore());
        }
        if (!manifest.jobs().isEmpty()) {
            write(draft, RestoreGuide.JOBS, guide.jobs());
        }
        if (!guide.properties().isEmpty()) {
            write(draft, RestoreGuide.PROPERTIES, guide.properties());
        }
        write(draft, RestoreGuide.CHECKSUMS, guide.checksums());
        write(draft, RestoreGuide.NAME, guide.text());
        writeManifest(draft, manifest);
        return manifest;
    }

    /** Units that were exported, by the word of the reason; those without rows are no units of the manifest. */
    private static Map<String, Integer> reexported(List<UnitResult> results) {
        Map<String, Integer> count = new HashMap<>();
        for (UnitResult result : results) {
            ExportReason reason = result.reason();
            if (result.entry() != null && reason != null) {
                count.merge(reason.word(), 1, Integer::sum);
            }
        }
        return count;
    }

    /** Those that the schema creates: of free ones, a selection of tables has only what its tables need. */
    private static List<SequenceState> sequences(Facts facts) {
        Set<TableName> free = facts.schema().files().entries().stream()
                .filter(entry -> entry.type().equals("SEQUENCE") && entry.schema() != null)
                .map(entry -> new TableName(entry.schema(), entry.name()))
                .collect(Collectors.toSet());
        return facts.inventory().sequences().stream()
                .filter(sequence -> sequence.ownedBy() != null || free.contains(sequence.sequence()))
                .toList();
    }

    /** Policies, and users' own jobs whose procedure the schema creates: who names tables wants no others. */
    private static List<JobEntry> jobs(Facts facts, List<Warning> warnings) {
        List<JobEntry> jobs = new ArrayList<>();
        for (JobEntry job : facts.inventory().jobs()) {
            if (job.callsOneOf(facts.schema().files().entries())) {
                jobs.add(job);
            } else if (facts.selection().include().isEmpty()) {
                warnings.add(new Warning("job", job.label() + " is not in the backup: its procedure is not"));
            }
        }
        return jobs;
    }

    /** Parts of the tables, and what else the schema dump creates. */
    private static List<SchemaObject> objects(Facts facts) {
        Set<String> dumped = facts.schema().files().entries().stream()
                .map(SchemaEntry::label)
                .collect(Collectors.toSet());
        Set<String> chunks = facts.inventory().tables().stream()
                .flatMap(table -> table.chunks().stream())
                .map(chunk -> Keywords.quote(chunk.name().schema()) + "."
                        + Keywords.quote(chunk.name().name()))
                .collect(Collectors.toSet());
        return facts.inventory().objects().stream()
                .filter(object -> object.isAmong(dumped) && isDumped(object, dumped))
                .map(object -> withoutChunks(object, chunks))
                .toList();
    }

    /** What needs a chunk is not in the dump, although its table is. */
    private static boolean isDumped(SchemaObject part, Set<String> dumped) {
        return part.table() == null
                || !Set.of("rule", "policy").contains(part.kind())
                || dumped.contains((part.kind().toUpperCase(Locale.ROOT) + " " + part.table() + " " + part.name())
                        .replace('\n', ' ')
                        .replace('\r', ' '));
    }

    /** A table that inherits from a chunk is in the dump as one that does not. */
    private static SchemaObject withoutChunks(SchemaObject object, Set<String> chunks) {
        String parents = object.kind().equals("table") ? object.facets().get("parents") : null;
        if (parents == null || Stream.of(parents.split(", ")).noneMatch(chunks::contains)) {
            return object;
        }
        String others = Stream.of(parents.split(", "))
                .filter(parent -> !chunks.contains(parent))
                .collect(Collectors.joining(", "));
        Map<String, String> facets = new HashMap<>(object.facets());
        facets.remove("parents");
        if (!others.isEmpty()) {
            facets.put("parents", others);
        }
        return new SchemaObject(object.kind(), object.schema(), object.name(), object.table(), facets);
    }

    private static List<TableEntry> tables(Facts facts, List<UnitResult> results) {
        Map<TableName, List<UnitResult>> byTable = results.stream().collect(Collectors.groupingBy(UnitResult::table));
        Map<TableName, List<String>> seeds = new HashMap<>();
        results.forEach(result -> result.seeds().forEach(seed -> seeds.put(seed.chunk(), seed.values())));
        Set<String> foreignKeys = facts.schema().files().entries().stream()
                .filter(entry -> entry.type().equals("FK CONSTRAINT"))
                .map(entry -> entry.schema() + "." + entry.name())
                .collect(Collectors.toSet());
        Map<TableName, TableEntry> parents = parents(facts.inventory());
        return facts.inventory().tables().stream()
                .map(table -> table(
                        withDumpedForeignKeys(table, foreignKeys, parents),
                        byTable.getOrDefault(table.name(), List.of()),
                        seeds))
                .toList();
    }

    /** A foreign key to a table that is not selected is not in the dump either, and a restore must not miss it. */
    private static DiscoveredTable withDumpedForeignKeys(
            DiscoveredTable table, Set<String> dumped, Map<TableName, TableEntry> parents) {
        TableEntry structure = table.structure();
        TableName name = structure.name();
        List<NamedDefinition> kept = structure.constraints().stream()
                .filter(constraint -> !constraint.definition().startsWith("FOREIGN KEY")
                        || isDumped(structure, constraint, dumped, parents))
                .toList();
        return new DiscoveredTable(
                new TableEntry(
                        name,
                        structure.kind(),
                        structure.owner(),
                        structure.columns(),
                        kept,
                        structure.indexes(),
                        // one of a materialization hypertable is no part of the aggregate's definition
                        structure.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE ? List.of() : structure.triggers(),
                        structure.hypertable(),
                        structure.units(),
                        structure.rows(),
                        structure.digest()),
                table.relation(),
                table.oid(),
                table.filenode(),
                table.bytes(),
                table.blocks(),
                table.chunks());
    }

    /** Whether a foreign key is in the dump: itself, or that of the partitioned table that a partition has it from. */
    private static boolean isDumped(
            TableEntry table, NamedDefinition key, Set<String> dumped, Map<TableName, TableEntry> parents) {
        // pg_dump's table of contents has a space for each line feed of a name
        if (dumped.contains((table.name() + " " + key.name()).replace('\n', ' ').replace('\r', ' '))) {
            return true;
        }
        TableEntry parent = parents.get(table.name());
        return parent != null
                && parent.constraints().stream()
                        .anyMatch(other -> other.definition().equals(key.definition())
                                && isDumped(parent, other, dumped, parents));
    }

    /** What selected tables are partitions of, as far as that is selected too. */
    private static Map<TableName, TableEntry> parents(Inventory inventory) {
        Map<String, TableEntry> partitioned = new HashMap<>();
        inventory.tables().stream()
                .map(DiscoveredTable::structure)
                .filter(table -> table.kind() == TableEntry.Kind.PARTITIONED)
                .forEach(table -> partitioned.put(
                        Keywords.quote(table.name().schema()) + "."
                                + Keywords.quote(table.name().name()),
                        table));
        Map<TableName, TableEntry> parents = new HashMap<>();
        for (SchemaObject object : inventory.objects()) {
            TableEntry parent = object.kind().equals("table")
                    ? partitioned.get(object.facets().get("parents"))
                    : null;
            if (parent != null && object.table() != null) {
                parents.put(object.table(), parent);
            }
        }
        return parents;
    }

    private static TableEntry table(
            DiscoveredTable table, List<UnitResult> results, Map<TableName, List<String>> seeds) {
        List<UnitEntry> units = new ArrayList<>();
        for (UnitResult result : results) {
            UnitEntry entry = result.entry();
            if (entry != null) {
                units.add(entry);
            }
        }
        units.sort(Comparator.comparing(UnitEntry::id));
        TableEntry structure = table.structure();
        return new TableEntry(
                structure.name(),
                structure.kind(),
                structure.owner(),
                structure.columns(),
                structure.constraints(),
                structure.indexes(),
                structure.triggers(),
                hypertable(table, seeds),
                units,
                units.stream().mapToLong(UnitEntry::rows).sum(),
                units.stream().map(UnitEntry::digest).reduce(RowDigest.NONE, RowDigest::plus));
    }

    private static @Nullable Hypertable hypertable(DiscoveredTable table, Map<TableName, List<String>> seeds) {
        Hypertable settings = table.structure().hypertable();
        if (settings == null) {
            return null;
        }
        List<ChunkEntry> chunks = new ArrayList<>();
        for (DiscoveredChunk chunk : table.chunks()) {
            chunks.add(new ChunkEntry(
                    chunk.name(), chunk.slices(), seeds.getOrDefault(chunk.name(), List.of()), chunk.storage()));
        }
        return settings.withChunks(chunks);
    }

    private static void writeManifest(Draft draft, Manifest manifest) {
        try {
            BackupFolder.seal(draft.repository().store(), draft.path(), manifest);
        } catch (IOException e) {
            throw StorageErrors.writing(
                    draft.folder().resolve(BackupFolder.MANIFEST).toString(), e);
        }
    }

    private static void write(Draft draft, String path, String text) {
        int slash = path.lastIndexOf('/');
        String folder = slash < 0 ? draft.path() : draft.path() + "/" + path.substring(0, slash);
        String name = path.substring(slash + 1);
        try (PendingFile file = draft.repository().store().begin(folder, name)) {
            file.stream().write(text.getBytes(StandardCharsets.UTF_8));
            file.commit(name);
        } catch (IOException e) {
            throw StorageErrors.writing(draft.folder().resolve(path).toString(), e);
        }
    }
}

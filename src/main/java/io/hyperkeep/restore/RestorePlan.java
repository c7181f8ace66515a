package io.hyperkeep.restore;

import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.TableSelection;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a restore is to do, decided before anything is done.
 *
 * @param manifest the backup's
 * @param selection which tables were asked for
 * @param options how it is to come out
 * @param selected the tables that the selection means, by their names in the backup
 * @param tables those of them that are restored as the backup has them, by name: all, or all that the target can have
 * @param names what they and everything else are called in the target
 * @param targets the same tables in the same order, each as the target is to have it: what is created, imported into,
 *     and compared with in the end; their chunks are still the backup's
 * @param ahead chunks to create before the rows come, by the table's name in the target
 * @param aggregates those of the targets that are continuous aggregates, in the order in which to create them
 * @param units their data files, the one with the most CSV first
 * @param preData schema entries to run before any data, in order
 * @param late schema entries to run after the continuous aggregates were created, in order
 * @param postData schema entries to run after all data, in order
 * @param sequences sequences to set, as the target is to have them
 * @param refresh materialized views to refresh, in order, by their names in the target
 * @param jobs policies and user-defined jobs to create, as the target is to have them
 * @param warnings what the selection, or the target, leaves out
 */
public record RestorePlan(
        Manifest manifest,
        TableSelection selection,
        RestoreOptions options,
        List<TableName> selected,
        List<TableEntry> tables,
        TargetNames names,
        List<TableEntry> targets,
        Map<TableName, List<ChunkEntry>> ahead,
        List<ContinuousAggregate> aggregates,
        List<PlannedUnit> units,
        List<SchemaEntry> preData,
        List<SchemaEntry> late,
        List<SchemaEntry> postData,
        List<SequenceState> sequences,
        List<TableName> refresh,
        List<JobEntry> jobs,
        List<Warning> warnings) {
    public RestorePlan {
        selected = List.copyOf(selected);
        tables = List.copyOf(tables);
        targets = List.copyOf(targets);
        ahead = Map.copyOf(ahead);
        aggregates = List.copyOf(aggregates);
        units = List.copyOf(units);
        preData = List.copyOf(preData);
        late = List.copyOf(late);
        postData = List.copyOf(postData);
        sequences = List.copyOf(sequences);
        refresh = List.copyOf(refresh);
        jobs = List.copyOf(jobs);
        warnings = List.copyOf(warnings);
    }

    /** In what the target is to differ from the backup. */
    public Alterations alterations() {
        return options.alterations();
    }

    /**
     * The tables that are made and have chunks, hypertables and continuous aggregates, as the target is to have them; none
     * when tables are only filled.
     */
    public List<TableEntry> hypertables() {
        return isDataOnly()
                ? List.of()
                : targets.stream().filter(table -> table.hypertable() != null).toList();
    }

    /** Schemas that the restore creates, as the target is to have them. */
    Set<String> targetSchemas() {
        Set<String> schemas = new HashSet<>(names.newSchemas());
        entries().stream()
                .filter(entry -> entry.type().equals("SCHEMA"))
                .forEach(entry -> schemas.add(names.ofSchema(entry.name())));
        hypertables().forEach(table -> schemas.add(table.hypertable().chunkSchema()));
        List<SchemaObject> objects = manifest.objects();
        if (manifest.dump() != null && objects != null) {
            objects.stream()
                    .filter(object -> object.kind().equals("schema"))
                    .forEach(object -> schemas.add(object.name()));
        }
        if (manifest.source().timescale() != null) {
            schemas.add(manifest.source().timescale().schema());
        }
        return schemas;
    }

    /** Whether chunks of this table are compressed again, as far as the target can. */
    public boolean compresses(TableEntry table) {
        return options.compress() == CompressMode.AS_SOURCE
                && table.hypertable() != null
                && table.hypertable().compressedChunks() > 0;
    }

    /**
     * Whether an entry is a foreign key that references a hypertable whose chunks are compressed again: TimescaleDB
     * compresses no chunk that is referenced, but takes a foreign key to one that is compressed.
     */
    boolean referencesCompressed(SchemaEntry entry) {
        if (!entry.type().equals("FK CONSTRAINT")) {
            return false;
        }
        Set<TableName> compressed =
                tables.stream().filter(this::compresses).map(TableEntry::name).collect(Collectors.toSet());
        return manifest.schema().entries().stream()
                .filter(needed -> entry.needs().contains(needed.id()) && needed.table() != null)
                .map(SchemaEntry::table)
                .anyMatch(table -> !table.equals(entry.table()) && compressed.contains(table));
    }

    /** A table as the target is to have it, by its name in the backup. */
    public TableEntry target(TableName source) {
        return targets.get(tables.stream().map(TableEntry::name).toList().indexOf(source));
    }

    /** The hypertables that are made, with the chunks that are created before the rows come. */
    public List<TableEntry> withChunksAhead() {
        return hypertables().stream()
                .map(table -> table.with(table.hypertable().withChunks(ahead.getOrDefault(table.name(), List.of()))))
                .toList();
    }

    /** Every schema entry that is restored, in order. */
    List<SchemaEntry> entries() {
        return Stream.of(preData, late, postData).flatMap(List::stream).toList();
    }

    /** Rows to import. */
    public long rows() {
        return targets.stream().mapToLong(TableEntry::rows).sum();
    }

    /** Bytes of CSV to import. */
    public long csvBytes() {
        return units.stream().mapToLong(unit -> unit.unit().csvBytes()).sum();
    }

    /** Bytes of files to read. */
    public long bytes() {
        return units.stream().mapToLong(unit -> unit.unit().bytes()).sum();
    }

    /** Whether only rows are restored, into tables that exist. */
    public boolean isDataOnly() {
        return alterations().content() == Alterations.Content.DATA_ONLY;
    }

    /** Whether a hypertable gets other dimensions than it has in the backup. */
    boolean isRedivided(TableEntry table) {
        return table.hypertable() != null && !divisions(table).equals(divisions(target(table.name())));
    }

    private static List<Object> divisions(TableEntry table) {
        return table.hypertable().dimensions().stream()
                .map(dimension -> (Object) Arrays.asList(
                        dimension.column(), dimension.kind(), dimension.interval(), dimension.partitions()))
                .toList();
    }

    /** Hypertables as the target is to have them, whose chunks the backup does not tell for certain. */
    List<TableEntry> guessedChunks() {
        return alterations().content() != Alterations.Content.EVERYTHING
                ? List.of()
                : tables.stream()
                        .filter(table ->
                                table.hypertable() != null && (alterations().isCut() || isRedivided(table)))
                        .map(table -> target(table.name()))
                        .toList();
    }

    /** Whether the target is in use, beside what is restored: tables get other names there, or are filled. */
    public boolean isBeside() {
        return isDataOnly() || !names.areSame();
    }

    /** Whether it is known how many rows of a table are restored. */
    public boolean isCounted(TableEntry target) {
        return units.stream().filter(unit -> unit.table().equals(target.name())).allMatch(PlannedUnit::isCounted);
    }

    /** The plan with the rows of cut files, which {@link CountCutRows} counted, by their units' ids. */
    RestorePlan counted(Map<String, PlannedUnit> counted) {
        List<PlannedUnit> all = units.stream()
                .map(unit -> counted.getOrDefault(unit.unit().id(), unit))
                .toList();
        return new RestorePlan(
                manifest,
                selection,
                options,
                selected,
                tables,
                names,
                targets.stream()
                        .map(target -> PlanRestore.withRows(target, all))
                        .toList(),
                ahead,
                aggregates,
                all,
                preData,
                late,
                postData,
                sequences,
                refresh,
                jobs,
                warnings);
    }

    /** The same without entries of the schema whose objects the target has already, and without their state. */
    RestorePlan without(Set<Integer> entries, Set<TableName> sequencesThere, List<Warning> told) {
        return new RestorePlan(
                manifest,
                selection,
                options,
                selected,
                tables,
                names,
                targets,
                ahead,
                aggregates,
                units,
                preData.stream().filter(entry -> !entries.contains(entry.id())).toList(),
                late.stream().filter(entry -> !entries.contains(entry.id())).toList(),
                postData.stream().filter(entry -> !entries.contains(entry.id())).toList(),
                sequences.stream()
                        .filter(sequence -> !sequencesThere.contains(sequence.sequence()))
                        .toList(),
                refresh,
                jobs,
                Stream.concat(warnings.stream(), told.stream()).toList());
    }

    /** What of this plan is in one of fewer tables too, with what both warn of. */
    RestorePlan within(RestorePlan fewer) {
        Set<TableName> kept = fewer.targets().stream().map(TableEntry::name).collect(Collectors.toSet());
        return new RestorePlan(
                manifest,
                selection,
                options,
                selected,
                fewer.tables(),
                names,
                targets.stream().filter(target -> kept.contains(target.name())).toList(),
                ahead,
                fewer.aggregates(),
                units.stream().filter(unit -> kept.contains(unit.table())).toList(),
                preData.stream().filter(fewer.preData()::contains).toList(),
                late.stream().filter(fewer.late()::contains).toList(),
                postData.stream().filter(fewer.postData()::contains).toList(),
                sequences.stream().filter(fewer.sequences()::contains).toList(),
                refresh.stream().filter(fewer.refresh()::contains).toList(),
                jobs.stream().filter(fewer.jobs()::contains).toList(),
                Stream.concat(warnings.stream(), fewer.warnings().stream())
                        .distinct()
                        .toList());
    }

    /** What tells the backup from every other one, also from one of the same second in another repository. */
    String identity() {
        return manifest.source().systemIdentifier() + "/" + manifest.source().databaseOid() + "/"
                + manifest.source().database() + "/" + manifest.id() + "/run " + manifest.run();
    }

    /** What is restored and how it is altered, as text; equal only when these are. */
    String selectionText() {
        String which = selected.size() == manifest.tables().size()
                ? "every table"
                : selected.stream().sorted().map(TableName::toString).collect(Collectors.joining(", "));
        String options = alterations().text();
        return options.isEmpty() ? which : which + " with " + options;
    }
}

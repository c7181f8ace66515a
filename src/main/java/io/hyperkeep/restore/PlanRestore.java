package io.hyperkeep.restore;

import io.hyperkeep.database.Closest;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.SelectTables;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Alterations.Content;
import io.hyperkeep.schema.SelectEntries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides what a restore does: a pure function of the manifest and of what was asked for. Thread-safe: it has no state. */
public final class PlanRestore {
    private static final int LISTED = 5;
    private static final Pattern START = Pattern.compile(" START (-?\\d+) ");

    private static final String NO_AGGREGATES =
            "the target has the Apache edition of TimescaleDB, which has no continuous aggregates";

    private static final String ROWS_ALONE =
            "only rows of tables are; where the target has it, a refresh aggregates them";

    private PlanRestore() {}

    /**
     * Plans it.
     *
     * @throws BackupException USAGE when a pattern matches no table of the backup or nothing is selected, or when an
     *     alteration is about what is not there or can not be had; UNSUITABLE when a selected table can not be without
     *     one that is not selected
     */
    public static RestorePlan run(Manifest manifest, TableSelection selection, RestoreOptions options) {
        return plan(manifest, selection, options, Set.of());
    }

    /** The same restore into a target that can have no continuous aggregates: what is left out is named. */
    static RestorePlan withoutAggregates(RestorePlan plan) {
        if (plan.aggregates().isEmpty()) {
            return plan;
        }
        Set<TableName> aggregates = plan.manifest().aggregates().stream()
                .map(ContinuousAggregate::name)
                .collect(Collectors.toSet());
        aggregates.retainAll(plan.selected());
        return plan.within(plan(plan.manifest(), plan.selection(), plan.options(), aggregates));
    }

    private static RestorePlan plan(
            Manifest manifest, TableSelection selection, RestoreOptions options, Set<TableName> impossible) {
        Alterations alterations = options.alterations();
        if (manifest.dump() != null) {
            throw new BackupException(
                    Problem.USAGE,
                    "backup " + manifest.id()
                            + " is the archive of a whole database: it can only be restored as a whole",
                    "restore it into a new database, or use a backup of kind tables");
        }
        if (!options.archive().equals(ArchiveOptions.NONE)) {
            throw new BackupException(
                    Problem.USAGE,
                    "--no-owner, --update-extension and --compare are for archives of whole databases, and backup "
                            + manifest.id()
                            + " is of tables",
                    "leave them out: tables come with their owners, into whatever version of TimescaleDB there is, and every"
                            + " row is compared");
        }
        requireMatches(manifest, selection);
        SelectTables.Selected selected = SelectTables.resolve(
                selection, manifest.tables().stream().map(TableEntry::name).toList(), manifest.aggregates());
        if (selected.tables().isEmpty() && !manifest.tables().isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    "--include and --exclude together select no table of backup " + manifest.id(),
                    "`hyperkeep show` lists its tables");
        }
        Set<TableName> chosen = new HashSet<>(selected.tables());
        chosen.removeAll(impossible);
        List<Warning> warnings = new ArrayList<>(selected.warnings("restored"));
        impossible.stream().sorted().forEach(aggregate -> warnings.add(withoutAggregate(aggregate, NO_AGGREGATES)));
        if (alterations.content() == Content.DATA_ONLY) {
            // rows that come into a hypertable are aggregated by whoever refreshes its aggregates
            manifest.aggregates().stream()
                    .map(ContinuousAggregate::name)
                    .filter(chosen::remove)
                    .forEach(aggregate -> warnings.add(withoutAggregate(aggregate, ROWS_ALONE)));
        }
        List<TableEntry> tables = manifest.tables().stream()
                .filter(table -> chosen.contains(table.name()))
                .map(table -> options.noTablespaces() ? withoutTablespaces(table) : table)
                .sorted(Comparator.comparing(TableEntry::name))
                .toList();
        TargetNames names = PlanNames.run(manifest, tables, alterations);
        Map<TableName, Cut> cuts = PlanCut.run(tables, alterations);
        List<TableEntry> divided = PlanDimensions.run(tables, alterations);
        List<PlannedUnit> units = alterations.content() == Content.SCHEMA_ONLY ? List.of() : units(tables, names, cuts);
        List<TableEntry> targets = divided.stream()
                .map(names::of)
                .map(table -> cuts.isEmpty() && !units.isEmpty() ? table : withRows(table, units))
                .toList();
        Map<TableName, List<ChunkEntry>> ahead = new HashMap<>();
        for (int i = 0; i < tables.size(); i++) {
            TableEntry table = tables.get(i);
            ahead.put(targets.get(i).name(), chunksAhead(table, divided.get(i), alterations, cuts.get(table.name())));
        }
        if (alterations.content() == Content.DATA_ONLY) {
            return dataOnly(manifest, selection, options, tables, names, targets, units, warnings);
        }
        // who names tables wants these; who names none, or only what to leave out, wants what is beside tables too
        boolean everything = selection.include().isEmpty();
        SelectEntries.Selected entries = SelectEntries.run(manifest.schema().entries(), chosen, everything);
        boolean rows = alterations.content() != Content.SCHEMA_ONLY;
        entries.leftOut().forEach(leftOut -> warnings.add(warning(leftOut, impossible)));
        PlanJobs jobs = PlanJobs.of(manifest, Set.copyOf(selected.tables()), entries.entries(), names);
        warnings.addAll(jobs.warnings());
        return new RestorePlan(
                manifest,
                selection,
                options,
                selected.tables(),
                tables,
                names,
                targets,
                ahead,
                manifest.aggregates().stream()
                        .filter(aggregate -> chosen.contains(aggregate.name()))
                        .map(names::of)
                        .map(aggregate -> rows ? aggregate : aggregate.unmaterialized())
                        .toList(),
                units,
                section(entries.entries(), Section.PRE_DATA),
                section(entries.entries(), Section.LATE),
                section(entries.entries(), Section.POST_DATA),
                sequences(manifest, chosen, entries.entries()).stream()
                        .map(names::of)
                        .map(sequence -> rows ? sequence : unused(sequence))
                        .toList(),
                rows
                        ? refresh(manifest, entries.entries()).stream()
                                .map(names::of)
                                .toList()
                        : List.of(),
                jobs.jobs(),
                warnings);
    }

    /** Rows, and where the tables' own sequences stood; all else is the target's. */
    private static RestorePlan dataOnly(
            Manifest manifest,
            TableSelection selection,
            RestoreOptions options,
            List<TableEntry> tables,
            TargetNames names,
            List<TableEntry> targets,
            List<PlannedUnit> units,
            List<Warning> warnings) {
        Set<TableName> chosen = tables.stream().map(TableEntry::name).collect(Collectors.toSet());
        List<SequenceState> owned = manifest.sequences().stream()
                .filter(sequence -> sequence.ownedBy() != null && chosen.contains(sequence.ownedBy()))
                .map(names::of)
                .toList();
        return new RestorePlan(
                manifest,
                selection,
                options,
                List.copyOf(chosen),
                tables,
                names,
                targets,
                Map.of(),
                List.of(),
                units,
                List.of(),
                List.of(),
                List.of(),
                owned,
                List.of(),
                List.of(),
                warnings);
    }

    /** Chunks to create ahead: those that rows may go into. */
    private static List<ChunkEntry> chunksAhead(
            TableEntry table, TableEntry divided, Alterations alterations, @Nullable Cut cut) {
        Hypertable source = table.hypertable();
        Hypertable target = divided.hypertable();
        if (source == null || target == null || alterations.content() != Content.EVERYTHING) {
            return List.of();
        }
        List<ChunkEntry> chunks = source.dimensions().equals(target.dimensions())
                ? source.chunks()
                : ChunkGrid.of(table.name(), source, target.dimensions());
        if (cut == null) {
            return chunks;
        }
        String first = source.dimensions()
                .get(PlanDimensions.first(source.dimensions()))
                .column();
        return chunks.stream()
                .filter(chunk -> chunk.slices().stream()
                        .filter(slice -> slice.column().equals(first))
                        .noneMatch(slice -> cut.hasNone(slice.start(), slice.end())))
                .toList();
    }

    /** A table with the files that are imported into it, and their rows as far as they are known. */
    static TableEntry withRows(TableEntry target, List<PlannedUnit> units) {
        List<PlannedUnit> own = units.stream()
                .filter(unit -> unit.table().equals(target.name()))
                .toList();
        long rows = 0;
        RowDigest digest = RowDigest.NONE;
        for (PlannedUnit unit : own) {
            if (unit.isCounted()) {
                rows += unit.requireKept().rows();
                digest = digest.plus(unit.requireKept().digest());
            }
        }
        return target.with(own.stream().map(PlannedUnit::unit).toList(), rows, digest);
    }

    private static TableEntry withoutTablespaces(TableEntry table) {
        Hypertable hypertable = table.hypertable();
        return hypertable == null ? table : table.with(hypertable.withoutTablespaces());
    }

    /** A sequence that handed out nothing yet. */
    private static SequenceState unused(SequenceState sequence) {
        Matcher start = START.matcher(sequence.definition());
        long first = start.find() ? Long.parseLong(start.group(1)) : 1;
        return new SequenceState(sequence.sequence(), sequence.ownedBy(), sequence.definition(), first, false);
    }

    /**
     * Plans the restore of a whole database's archive.
     *
     * @throws BackupException USAGE when it is to come out differently in any way
     */
    public static RestorePlan whole(Manifest manifest, TableSelection selection, RestoreOptions options) {
        if (!selection.equals(TableSelection.ALL)
                || options.compress() != CompressMode.AS_SOURCE
                || !options.alterations().equals(Alterations.NONE)) {
            throw new BackupException(
                    Problem.USAGE,
                    "backup " + manifest.id()
                            + " is the archive of a whole database: pg_restore brings it back whole and" + " as it was",
                    "leave out the options that choose or change something, or restore a backup of kind tables");
        }
        return new RestorePlan(
                manifest,
                selection,
                options,
                manifest.tables().stream().map(TableEntry::name).toList(),
                manifest.tables(),
                TargetNames.SAME,
                manifest.tables(),
                Map.of(),
                manifest.aggregates(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                manifest.jobs(),
                List.of());
    }

    private static void requireMatches(Manifest manifest, TableSelection selection) {
        List<TableName> tables =
                manifest.tables().stream().map(TableEntry::name).toList();
        List<String> unmatched = selection.unmatched(tables);
        if (unmatched.isEmpty()) {
            return;
        }
        String pattern = unmatched.get(0);
        String near = Closest.to(
                pattern,
                Stream.concat(
                        tables.stream().map(TableName::toString),
                        tables.stream().map(TableName::name)));
        String some = tables.stream().limit(LISTED).map(TableName::toString).collect(Collectors.joining(", "));
        throw new BackupException(
                Problem.USAGE,
                "no table of backup " + manifest.id() + " matches " + pattern,
                near != null
                        ? "did you mean " + near + "?"
                        : "it has " + some
                                + (tables.size() > LISTED ? " and " + (tables.size() - LISTED) + " more" : ""));
    }

    private static List<PlannedUnit> units(List<TableEntry> tables, TargetNames names, Map<TableName, Cut> cuts) {
        List<PlannedUnit> units = new ArrayList<>();
        for (TableEntry table : tables) {
            Cut cut = cuts.get(table.name());
            table.units().forEach(unit -> PlanCut.unit(table, names.of(table.name()), unit, cut)
                    .ifPresent(units::add));
        }
        // so that no big one is left over for a single connection at the end
        units.sort(Comparator.<PlannedUnit>comparingLong(unit -> unit.unit().csvBytes())
                .reversed()
                .thenComparing(unit -> unit.unit().id()));
        return units;
    }

    private static List<SchemaEntry> section(List<SchemaEntry> entries, Section section) {
        return entries.stream().filter(entry -> entry.section() == section).toList();
    }

    private static List<SequenceState> sequences(Manifest manifest, Set<TableName> tables, List<SchemaEntry> entries) {
        Set<TableName> chosen = names(entries, "SEQUENCE");
        return manifest.sequences().stream()
                .filter(sequence -> sequence.ownedBy() == null
                        ? chosen.contains(sequence.sequence())
                        : tables.contains(sequence.ownedBy()))
                .toList();
    }

    private static List<TableName> refresh(Manifest manifest, List<SchemaEntry> entries) {
        Set<TableName> chosen = names(entries, "MATERIALIZED VIEW");
        return manifest.refresh().stream().filter(chosen::contains).toList();
    }

    private static Set<TableName> names(List<SchemaEntry> entries, String type) {
        Set<TableName> names = new HashSet<>();
        for (SchemaEntry entry : entries) {
            if (entry.type().equals(type) && entry.schema() != null) {
                names.add(new TableName(entry.schema(), entry.name()));
            }
        }
        return names;
    }

    private static Warning withoutAggregate(TableName aggregate, String why) {
        return new Warning("continuous-aggregate", "continuous aggregate " + aggregate + " is not restored: " + why);
    }

    private static Warning warning(SelectEntries.LeftOut leftOut, Set<TableName> impossible) {
        SchemaEntry entry = leftOut.entry();
        String what = entry.type().toLowerCase(java.util.Locale.ROOT) + " "
                + (entry.schema() == null ? "" : entry.schema() + ".") + entry.name() + " is not restored: ";
        TableName missing = leftOut.missing();
        if (missing == null) {
            return new Warning("not-selected", what + "it is not part of the selected tables");
        }
        return impossible.contains(missing)
                ? new Warning("continuous-aggregate", what + "it needs continuous aggregate " + missing)
                : new Warning("not-selected", what + "it needs table " + missing + ", which is not selected");
    }
}

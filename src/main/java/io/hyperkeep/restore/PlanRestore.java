package io.hyperkeep.restore;

import io.hyperkeep.database.Closest;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.SelectEntries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Decides what a restore does: a pure function of the manifest and the selection. Thread-safe: it has no state. */
public final class PlanRestore {
    private static final int LISTED = 5;

    private PlanRestore() {}

    /**
     * Plans it.
     *
     * @throws BackupException USAGE when a pattern matches no table of the backup or nothing is selected; UNSUITABLE
     *     when a selected table can not be without one that is not selected
     */
    public static RestorePlan run(Manifest manifest, TableSelection selection, RestoreOptions options) {
        requireMatches(manifest, selection);
        List<TableEntry> tables = manifest.tables().stream()
                .filter(table -> selection.selects(table.name()))
                .sorted(Comparator.comparing(TableEntry::name))
                .toList();
        if (tables.isEmpty() && !manifest.tables().isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    "--include and --exclude together select no table of backup " + manifest.id(),
                    "`hyperkeep show` lists its tables");
        }
        Set<TableName> names = tables.stream().map(TableEntry::name).collect(Collectors.toSet());
        // who names tables wants these; who names none, or only what to leave out, wants what is beside tables too
        boolean everything = selection.include().isEmpty();
        SelectEntries.Selected entries = SelectEntries.run(manifest.schema().entries(), names, everything);
        TargetNames target = TargetNames.SAME;
        return new RestorePlan(
                manifest,
                selection,
                options,
                tables,
                target,
                tables.stream().map(target::of).toList(),
                units(tables, target),
                section(entries.entries(), Section.PRE_DATA),
                section(entries.entries(), Section.POST_DATA),
                sequences(manifest, names, entries.entries()).stream()
                        .map(target::of)
                        .toList(),
                refresh(manifest, entries.entries()).stream().map(target::of).toList(),
                entries.leftOut().stream().map(PlanRestore::warning).toList());
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

    private static List<PlannedUnit> units(List<TableEntry> tables, TargetNames target) {
        List<PlannedUnit> units = new ArrayList<>();
        for (TableEntry table : tables) {
            table.units()
                    .forEach(
                            unit -> units.add(new PlannedUnit(target.of(table.name()), table.exportedColumns(), unit)));
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

    private static Warning warning(SelectEntries.LeftOut leftOut) {
        SchemaEntry entry = leftOut.entry();
        String what = entry.type().toLowerCase(java.util.Locale.ROOT) + " "
                + (entry.schema() == null ? "" : entry.schema() + ".") + entry.name();
        return new Warning(
                "not-selected",
                leftOut.missing() == null
                        ? what + " is not restored: it is not part of the selected tables"
                        : what + " is not restored: it needs table " + leftOut.missing() + ", which is not selected");
    }
}

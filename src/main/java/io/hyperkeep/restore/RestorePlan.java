package io.hyperkeep.restore;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.TableSelection;
import java.util.List;

/**
 * What a restore is to do, decided before anything is done.
 *
 * @param manifest the backup's
 * @param selection what was asked for
 * @param options how it is to come out
 * @param tables selected tables as the backup has them, by name
 * @param names what they and everything else are called in the target
 * @param targets the same tables in the same order, each as the target is to have it: what is created, imported into,
 *     and compared with in the end
 * @param units their data files, the one with the most CSV first
 * @param preData schema entries to run before any data, in order
 * @param postData schema entries to run after all data, in order
 * @param sequences sequences to set, as the target is to have them
 * @param refresh materialized views to refresh, in order, by their names in the target
 * @param warnings what the selection leaves out
 */
public record RestorePlan(
        Manifest manifest,
        TableSelection selection,
        RestoreOptions options,
        List<TableEntry> tables,
        TargetNames names,
        List<TableEntry> targets,
        List<PlannedUnit> units,
        List<SchemaEntry> preData,
        List<SchemaEntry> postData,
        List<SequenceState> sequences,
        List<TableName> refresh,
        List<Warning> warnings) {
    public RestorePlan {
        tables = List.copyOf(tables);
        targets = List.copyOf(targets);
        units = List.copyOf(units);
        preData = List.copyOf(preData);
        postData = List.copyOf(postData);
        sequences = List.copyOf(sequences);
        refresh = List.copyOf(refresh);
        warnings = List.copyOf(warnings);
    }

    /** The selected hypertables, as the target is to have them. */
    public List<TableEntry> hypertables() {
        return targets.stream().filter(table -> table.hypertable() != null).toList();
    }

    /** Whether chunks of this table are compressed again, as far as the target can. */
    public boolean compresses(TableEntry table) {
        return options.compress() == CompressMode.AS_SOURCE
                && table.hypertable() != null
                && table.hypertable().compressedChunks() > 0;
    }

    /** Chunks to create ahead. */
    public int chunks() {
        return hypertables().stream()
                .mapToInt(table -> table.hypertable().chunks().size())
                .sum();
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

    /** What tells the backup from every other one, also from one of the same second in another repository. */
    String identity() {
        return manifest.source().systemIdentifier() + "/" + manifest.source().databaseOid() + "/"
                + manifest.source().database() + "/" + manifest.id() + "/run " + manifest.run();
    }

    /** The selection as text, equal only when the selected tables are. */
    String selectionText() {
        return tables.size() == manifest.tables().size()
                ? "every table"
                : String.join(
                        ", ",
                        tables.stream().map(table -> table.name().toString()).toList());
    }
}

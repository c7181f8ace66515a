package io.hyperkeep.jobs;

import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run would do.
 *
 * @param tables in the order of their names
 * @param units number of units in all
 * @param jobs policies and user-defined jobs
 * @param warnings what would be missing or not as asked for
 * @param differently in what a restore's target would differ from the backup, a sentence each
 */
public record PlannedRun(
        List<Table> tables, int units, List<JobEntry> jobs, List<Warning> warnings, List<String> differently) {
    public PlannedRun {
        tables = List.copyOf(tables);
        jobs = List.copyOf(jobs);
        warnings = List.copyOf(warnings);
        differently = List.copyOf(differently);
    }

    /** What would be done with several databases. */
    static PlannedRun of(List<PlannedRun> each, List<Warning> more) {
        return new PlannedRun(
                each.stream().flatMap(one -> one.tables().stream()).toList(),
                each.stream().mapToInt(PlannedRun::units).sum(),
                each.stream().flatMap(one -> one.jobs().stream()).toList(),
                Stream.concat(more.stream(), each.stream().flatMap(one -> one.warnings().stream()))
                        .toList(),
                each.stream().flatMap(one -> one.differently().stream()).toList());
    }

    /** The same, saying of which database its tables are. */
    PlannedRun within(String database) {
        return new PlannedRun(
                tables.stream()
                        .map(table -> new Table(
                                new TableName(
                                        database + "." + table.name().schema(),
                                        table.name().name()),
                                table.target(),
                                table.kind(),
                                table.chunks(),
                                table.units(),
                                table.rows(),
                                table.bytes()))
                        .toList(),
                units,
                jobs,
                warnings.stream()
                        .map(warning -> new Warning(warning.code(), "database " + database + ": " + warning.text()))
                        .toList(),
                differently);
    }

    /**
     * A table that would be exported or restored.
     *
     * @param name the table, as the source calls it
     * @param target what a restore calls it; null when that is the same
     * @param kind what sort of relation it is
     * @param chunks number of chunks, 0 for a plain table; of a restore, those that are created ahead
     * @param units number of units that hold rows of it
     * @param rows rows, or null where they are not counted yet
     * @param bytes size: on disk for a backup, as CSV for a restore
     */
    public record Table(
            TableName name,
            @Nullable TableName target,
            TableEntry.Kind kind,
            int chunks,
            int units,
            @Nullable Long rows,
            long bytes) {}
}

package io.hyperkeep.jobs;

import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run would do.
 *
 * @param tables in the order of their names
 * @param units number of units in all
 * @param warnings what would be missing or not as asked for
 */
public record PlannedRun(List<Table> tables, int units, List<Warning> warnings) {
    public PlannedRun {
        tables = List.copyOf(tables);
        warnings = List.copyOf(warnings);
    }

    /**
     * A table that would be exported or restored.
     *
     * @param name the table
     * @param kind what sort of relation it is
     * @param chunks number of chunks, 0 for a plain table
     * @param units number of units that hold rows of it
     * @param rows rows, or null where they are not counted yet
     * @param bytes size: on disk for a backup, as CSV for a restore
     */
    public record Table(
            TableName name,
            TableEntry.Kind kind,
            int chunks,
            int units,
            @Nullable Long rows,
            long bytes) {}
}

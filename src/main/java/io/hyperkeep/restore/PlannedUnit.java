package io.hyperkeep.restore;

import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import java.util.List;

/**
 * A data file to import, and the table that it goes into.
 *
 * @param table the table, or the hypertable, by its name in the target
 * @param columns those that the file carries, in its order
 * @param unit the file and what it must hold
 */
public record PlannedUnit(TableName table, List<Column> columns, UnitEntry unit) {
    public PlannedUnit {
        columns = List.copyOf(columns);
    }
}

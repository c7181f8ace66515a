package io.hyperkeep.restore;

import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A data file to import, and the table that it goes into.
 *
 * @param table the table, or the hypertable, by its name in the target
 * @param columns those that the file carries, in its order
 * @param unit the file and what it holds
 * @param cut which of its rows are imported; null for all
 * @param kept what these are; null as long as they were not counted
 */
public record PlannedUnit(
        TableName table,
        List<Column> columns,
        UnitEntry unit,
        @Nullable Cut cut,
        @Nullable Kept kept) {
    public PlannedUnit {
        columns = List.copyOf(columns);
    }

    /** Rows to import, and their digest. */
    public record Kept(long rows, RowDigest digest) {}

    /** A whole file. */
    static PlannedUnit whole(TableName table, List<Column> columns, UnitEntry unit) {
        return new PlannedUnit(table, columns, unit, null, new Kept(unit.rows(), unit.digest()));
    }

    PlannedUnit with(Kept counted) {
        return new PlannedUnit(table, columns, unit, cut, counted);
    }

    /** Whether it is known how many rows are imported. */
    public boolean isCounted() {
        return kept != null;
    }

    /** How many rows are imported, and their digest; {@link CountCutRows} finds out where the manifest does not say. */
    Kept requireKept() {
        return Objects.requireNonNull(kept, "the rows of a cut file are counted first");
    }

    Cut requireCut() {
        return Objects.requireNonNull(cut, "the file is taken as a whole");
    }
}

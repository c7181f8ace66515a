package io.hyperkeep.restore;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the archive of a whole database is to come out; a backup of tables has no such choice.
 *
 * @param noOwner whether everything becomes the restoring role's, whoever owned it
 * @param updateTo the version that TimescaleDB is updated to at the end: empty for the server's default, null to stay with
 *     the archive's
 * @param comparison how its rows are compared with the archive's in the end
 */
public record ArchiveOptions(boolean noOwner, @Nullable String updateTo, RowComparison comparison) {
    /** As it was. */
    public static final ArchiveOptions NONE = new ArchiveOptions(false, null, RowComparison.ROWS);

    public ArchiveOptions {
        // recorded by a version that knew no other
        comparison = Objects.requireNonNullElse(comparison, RowComparison.ROWS);
    }

    /** How restored rows are compared. */
    public enum RowComparison {
        /** Every row is read back. */
        ROWS,
        /** The rows of every table are counted, as queries see them. */
        COUNTS
    }
}

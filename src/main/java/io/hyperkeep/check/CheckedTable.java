package io.hyperkeep.check;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.manifest.TableName;
import java.util.List;

/**
 * A table of the database, selected or not, and what the role may do with it.
 *
 * @param name its name
 * @param oid its oid
 * @param selected whether its rows are to be backed up
 * @param hypertable whether it is one
 * @param bytes size on disk, chunks left out
 * @param chunks a hypertable's chunks
 * @param allowed what the role may do
 */
record CheckedTable(
        TableName name,
        long oid,
        boolean selected,
        boolean hypertable,
        long bytes,
        List<DiscoveredChunk> chunks,
        Allowed allowed) {
    /**
     * Privileges of the role, its memberships counted in.
     *
     * @param schema USAGE on its schema
     * @param select SELECT
     * @param rowShare whether it can be locked in ROW SHARE mode
     * @param everyRow whether row security hides no row
     */
    record Allowed(boolean schema, boolean select, boolean rowShare, boolean everyRow) {}

    /** Size on disk with chunks. */
    long totalBytes() {
        return bytes + chunks.stream().mapToLong(DiscoveredChunk::bytes).sum();
    }
}

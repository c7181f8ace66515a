package io.hyperkeep.discovery;

import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.List;

/**
 * A table as the catalog shows it in one snapshot.
 *
 * @param structure everything that the manifest will say of it, but no units, rows or seeds yet
 * @param relation the relation that has its rows: itself, or a continuous aggregate's materialization hypertable
 * @param oid that relation's oid
 * @param filenode that relation's file as of the snapshot; 0 for a natively partitioned table
 * @param bytes size on disk with TOAST, without chunks
 * @param blocks blocks of its main fork
 * @param chunks a hypertable's chunks in the order in which they were created, else empty
 */
public record DiscoveredTable(
        TableEntry structure,
        TableName relation,
        long oid,
        long filenode,
        long bytes,
        long blocks,
        List<DiscoveredChunk> chunks) {
    public DiscoveredTable {
        chunks = List.copyOf(chunks);
    }

    public TableName name() {
        return structure.name();
    }

    public boolean isHypertable() {
        return structure.hypertable() != null;
    }
}

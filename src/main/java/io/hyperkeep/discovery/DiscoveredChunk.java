package io.hyperkeep.discovery;

import io.hyperkeep.manifest.ChunkStorage;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chunk as the catalog shows it in one snapshot.
 *
 * @param name its relation
 * @param oid its oid
 * @param filenode its file as of the snapshot: TRUNCATE and rewrites change it
 * @param companion the relation that holds its compressed rows, or null
 * @param companionOid oid of that relation, or null
 * @param bytes size on disk, TOAST and companion included
 * @param slices its range on each dimension, in the dimensions' order
 * @param storage null when its rows are stored like any table's
 */
public record DiscoveredChunk(
        TableName name,
        long oid,
        long filenode,
        @Nullable TableName companion,
        @Nullable Long companionOid,
        long bytes,
        List<Slice> slices,
        @Nullable ChunkStorage storage) {
    public DiscoveredChunk {
        slices = List.copyOf(slices);
    }

    /** Whether its rows, or some of them, are compressed. */
    public boolean isCompressed() {
        return storage != null && storage.compressed();
    }

    /** Whether it refuses changes. */
    public boolean isFrozen() {
        return storage != null && storage.frozen();
    }
}

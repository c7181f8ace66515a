package io.hyperkeep.plan;

import io.hyperkeep.manifest.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A physical relation, or a range of its blocks, that a unit reads with one COPY.
 *
 * @param relation the chunk or table
 * @param oid its oid
 * @param filenode its file as of the snapshot
 * @param chunk whether it is a chunk: read without ONLY, because a chunk's compressed rows are not its own
 * @param companion the relation with its compressed rows as of the snapshot, or null
 * @param companionOid oid of that relation, or null
 * @param firstBlock first block to read
 * @param endBlock first block no longer to read, or null to read to the end
 */
public record Part(
        TableName relation,
        long oid,
        long filenode,
        boolean chunk,
        @Nullable TableName companion,
        @Nullable Long companionOid,
        long firstBlock,
        @Nullable Long endBlock) {
    /** Whether only some blocks are read. */
    public boolean isSlice() {
        return firstBlock > 0 || endBlock != null;
    }
}

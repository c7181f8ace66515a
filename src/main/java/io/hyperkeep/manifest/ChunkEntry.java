package io.hyperkeep.manifest;

import java.util.List;

/**
 * A chunk of a hypertable as it was in the source.
 *
 * @param chunk the chunk's own relation
 * @param slices its range on every dimension, in the dimensions' order
 * @param seed values of the dimensions' columns in one row of this chunk, as text, in the dimensions' order: inserting
 *     them makes TimescaleDB create the same chunk; empty when the chunk had no rows
 */
public record ChunkEntry(TableName chunk, List<Slice> slices, List<String> seed) {
    public ChunkEntry {
        slices = List.copyOf(slices);
        seed = List.copyOf(seed);
    }
}

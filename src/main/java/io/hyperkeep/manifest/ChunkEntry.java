package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of a hypertable as it was in the source.
 *
 * @param chunk the chunk's own relation
 * @param slices its range on every dimension, in the dimensions' order
 * @param seed values of the dimensions' columns in one row of this chunk, as text, in the dimensions' order: inserting
 *     them makes TimescaleDB create the same chunk; empty when the chunk had no rows
 * @param storage null when its rows are stored like any table's
 */
public record ChunkEntry(
        TableName chunk,
        List<Slice> slices,
        List<String> seed,
        @Nullable ChunkStorage storage) {
    public ChunkEntry {
        slices = List.copyOf(slices);
        seed = List.copyOf(seed);
    }

    /** Whether its rows, or some of them, are compressed. */
    @JsonIgnore
    public boolean isCompressed() {
        return storage != null && storage.compressed();
    }

    /** Whether it refuses changes. */
    @JsonIgnore
    public boolean isFrozen() {
        return storage != null && storage.frozen();
    }
}

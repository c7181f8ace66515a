package io.hyperkeep.manifest;

import org.jspecify.annotations.Nullable;

/**
 * What TimescaleDB had done to a chunk.
 *
 * @param compressed whether its rows, or some of them, are compressed
 * @param partial whether some rows came after it was compressed and are not
 * @param frozen whether it refuses changes
 * @param settings what it was compressed with; null when that is what its hypertable is set to
 */
public record ChunkStorage(
        boolean compressed,
        boolean partial,
        boolean frozen,
        @Nullable Columnstore settings) {}

package io.hyperkeep.discovery;

import org.jspecify.annotations.Nullable;

/**
 * In what one chunk is not as its hypertable, see {@link io.hyperkeep.manifest.ChunkProperty}.
 *
 * @param chunk oid of the chunk
 * @param kind what it is
 * @param name which one
 * @param value what the chunk has, or null when it lacks what its hypertable has
 * @param ofHypertable what its hypertable has, or null
 * @param actual of an index or a constraint, its name in this database; null when the chunk lacks it
 */
public record DiscoveredChunkProperty(
        long chunk,
        String kind,
        String name,
        @Nullable String value,
        @Nullable String ofHypertable,
        @Nullable String actual) {}

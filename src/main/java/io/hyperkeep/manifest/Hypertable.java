package io.hyperkeep.manifest;

import java.util.List;

/**
 * What makes a table a hypertable.
 *
 * @param dimensions at least one; the first is the primary, a range
 * @param chunkSchema where its chunks live ({@code associated_schema_name})
 * @param chunkPrefix how their names begin ({@code associated_table_prefix}); TimescaleDB's default holds the
 *     hypertable's id, so it differs between databases
 * @param chunks in the order in which they were created
 */
public record Hypertable(List<Dimension> dimensions, String chunkSchema, String chunkPrefix, List<ChunkEntry> chunks) {
    public Hypertable {
        dimensions = List.copyOf(dimensions);
        chunks = List.copyOf(chunks);
    }
}

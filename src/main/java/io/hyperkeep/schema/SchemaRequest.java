package io.hyperkeep.schema;

import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableName;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to dump.
 *
 * @param tables the selected tables: hypertables' roots, plain and natively partitioned ones
 * @param hypertables those of them that are hypertables, in the order in which to create them
 * @param chunks relations that are chunks, in whatever schema; those in TimescaleDB's own schemas may be left out
 * @param everything whether the selection is all that nobody excluded, so that functions, views and types come too
 *     that no table needs; else only what the selected tables need
 * @param timescaleSchema schema of TimescaleDB's functions in the source, or null when it is not there
 */
public record SchemaRequest(
        Set<TableName> tables,
        Map<TableName, Hypertable> hypertables,
        Set<TableName> chunks,
        boolean everything,
        @Nullable String timescaleSchema) {
    public SchemaRequest {
        if (!tables.containsAll(hypertables.keySet())) {
            throw new IllegalArgumentException("a hypertable is not among the selected tables");
        }
        if (timescaleSchema == null && !hypertables.isEmpty()) {
            throw new IllegalArgumentException("hypertables without TimescaleDB");
        }
    }
}

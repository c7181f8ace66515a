package io.hyperkeep.schema;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to dump.
 *
 * @param tables the selected tables: hypertables' roots, plain and natively partitioned ones, continuous aggregates
 * @param hypertables those of them that are hypertables, in the order in which to create them
 * @param aggregates those of them that are continuous aggregates, in the order in which to create them
 * @param everything whether the selection is all that nobody excluded, so that functions, views and types come too
 *     that no table needs; else only what the selected tables need
 * @param timescaleSchema schema of TimescaleDB's functions in the source, or null when it is not there
 */
public record SchemaRequest(
        Set<TableName> tables,
        Map<TableName, Hypertable> hypertables,
        List<AggregateDdl> aggregates,
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

    /**
     * To dump what was discovered.
     *
     * @param everything as above
     */
    public static SchemaRequest of(Inventory inventory, ServerCapabilities server, boolean everything) {
        Map<TableName, DiscoveredTable> tables = new LinkedHashMap<>();
        inventory.tables().forEach(table -> tables.put(table.name(), table));
        Map<TableName, Hypertable> hypertables = new LinkedHashMap<>();
        for (DiscoveredTable table : tables.values()) {
            Hypertable settings = table.structure().hypertable();
            if (settings != null && table.structure().kind() == TableEntry.Kind.HYPERTABLE) {
                hypertables.put(table.name(), settings);
            }
        }
        List<AggregateDdl> aggregates = inventory.aggregates().stream()
                .map(aggregate -> AggregateDdl.of(
                        aggregate,
                        tables.get(aggregate.name()).structure(),
                        tables.get(aggregate.source()).chunks().stream()
                                .map(chunk -> chunk.slices().get(0))
                                .toList()))
                .toList();
        return new SchemaRequest(tables.keySet(), hypertables, aggregates, everything, server.timescaleSchema());
    }
}

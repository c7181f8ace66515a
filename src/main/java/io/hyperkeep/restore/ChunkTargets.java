package io.hyperkeep.restore;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.UnstableHashes;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where units go: which of them straight into a chunk of the target rather than through its hypertable: those that hold one chunk of
 * the source, when the target has a chunk of exactly the same bounds. Immutable.
 *
 * <p>The server checks the chunk's bounds for each row here too (its constraint, or TimescaleDB's own check from 2.29
 * on), so a row of another chunk fails the unit. What it does not do is to tell continuous aggregates, and
 * they are not to be told: what of them is not materialized is restored as it was.
 */
final class ChunkTargets {
    private final Map<TableName, TableName> chunks;
    private final Map<TableName, TableName> materializations;
    private final Set<TableName> unlogged;
    private final UnstableHashes hashes;
    private final boolean skipsInvalidation;

    private ChunkTargets(
            Map<TableName, TableName> chunks,
            Map<TableName, TableName> materializations,
            Set<TableName> unlogged,
            UnstableHashes hashes,
            boolean skipsInvalidation) {
        this.chunks = Map.copyOf(chunks);
        this.materializations = Map.copyOf(materializations);
        this.unlogged = Set.copyOf(unlogged);
        this.hashes = hashes;
        this.skipsInvalidation = skipsInvalidation;
    }

    static ChunkTargets read(Connection connection, ServerCapabilities server, RestorePlan plan) throws SQLException {
        return new ChunkTargets(
                chunks(connection, server, plan),
                plan.aggregates().isEmpty() ? Map.of() : new DiscoverDatabase().materializations(connection, server),
                unlogged(connection, plan),
                UnstableHashes.of(connection),
                server.skipsInvalidation() && !plan.aggregates().isEmpty());
    }

    private static Map<TableName, TableName> chunks(Connection connection, ServerCapabilities server, RestorePlan plan)
            throws SQLException {
        if (!server.hasTimescale()) {
            return Map.of();
        }
        Map<TableName, List<DiscoveredChunk>> there = new DiscoverDatabase().chunks(connection, server);
        if (plan.isDataOnly()) {
            // aggregates of tables that are filled have to be told
            new DiscoverDatabase()
                    .aggregates(connection, server)
                    .values()
                    .forEach(aggregate -> there.remove(aggregate.aggregate().source()));
        }
        Map<TableName, TableName> chunks = new HashMap<>();
        for (TableEntry table : plan.tables()) {
            if (table.hypertable() == null) {
                continue;
            }
            Map<Set<Slice>, TableName> bySlices = new HashMap<>();
            there.getOrDefault(plan.names().of(table.name()), List.of())
                    .forEach(chunk -> bySlices.put(Set.copyOf(chunk.slices()), chunk.name()));
            for (ChunkEntry chunk : table.hypertable().chunks()) {
                TableName target = bySlices.get(Set.copyOf(chunk.slices()));
                if (target != null) {
                    chunks.put(chunk.chunk(), target);
                }
            }
        }
        return chunks;
    }

    private static Set<TableName> unlogged(Connection connection, RestorePlan plan) throws SQLException {
        Set<TableName> unlogged = new HashSet<>(Query.list(
                connection,
                "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
                        + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.relpersistence = 'u' AND c.relkind = 'r'",
                row -> new TableName(row.getString(1), row.getString(2))));
        unlogged.retainAll(plan.targets().stream().map(TableEntry::name).toList());
        return unlogged;
    }

    /** The relation that a unit is copied into. */
    TableName of(PlannedUnit unit) {
        // a row's hash may be another one here: the server has to find its partition, or its chunk
        TableName table = hashes.rootOf(materializations.getOrDefault(unit.table(), unit.table()));
        if (hashes.dimensions().containsKey(table)) {
            return table;
        }
        return unit.unit().relations().size() == 1
                ? chunks.getOrDefault(unit.unit().relations().get(0).name(), table)
                : table;
    }

    /** Whether a session has to say, and can, that its rows change no continuous aggregate. */
    boolean skipsInvalidation() {
        return skipsInvalidation;
    }

    /** Whether a server that crashes empties the unit's table. */
    boolean isUnlogged(PlannedUnit unit) {
        return unlogged.contains(unit.table());
    }
}

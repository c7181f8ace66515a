package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.ChunkStorage;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads hypertables, their dimensions and chunks from TimescaleDB's catalog; tried on 2.19, 2.29 and 2.31.
 *
 * <p>The catalog is read rather than {@code timescaledb_information}, because only a plain SELECT from catalog tables
 * shows the snapshot's state, and because the views print ranges in the session's time zone.
 */
final class DiscoverHypertables {
    // bits of chunk.status, the same in 2.19 to 2.31
    private static final int COMPRESSED = 1;
    private static final int FROZEN = 4;
    private static final int PARTIAL = 8;
    // of hypertable.status, from 2.29 on
    private static final int DIRECT_COMPRESS = 8;

    private final ServerCapabilities server;

    DiscoverHypertables(ServerCapabilities server) {
        this.server = server;
    }

    /** A hypertable's settings, and its chunks as relations. */
    record Found(Hypertable settings, List<DiscoveredChunk> chunks) {}

    /** Reads the selected hypertables, those of continuous aggregates by the view's name; those of compression are none. */
    Map<TableName, Found> read(Connection connection, Predicate<TableName> selected) throws SQLException {
        DiscoverColumnstore columnstores = DiscoverColumnstore.read(connection, server);
        List<Root> roots = roots(connection, columnstores).stream()
                .filter(root -> selected.test(root.name()))
                .toList();
        Map<Integer, List<Dimension>> dimensions = dimensions(connection);
        Map<Integer, List<String>> tablespaces = names(
                connection, "SELECT hypertable_id, tablespace_name FROM _timescaledb_catalog.tablespace ORDER BY id");
        Map<Integer, List<String>> chunkSkipping = names(connection, """
                SELECT hypertable_id, column_name FROM _timescaledb_catalog.chunk_column_stats
                 WHERE coalesce(chunk_id, 0) = 0 ORDER BY column_name
                """);
        Map<Integer, List<DiscoveredChunk>> chunks = chunks(connection, columnstores, roots);
        Map<TableName, Found> found = new LinkedHashMap<>();
        for (Root root : roots) {
            found.put(
                    root.name(),
                    new Found(
                            new Hypertable(
                                    dimensions.getOrDefault(root.id(), List.of()),
                                    root.chunkSchema(),
                                    root.chunkPrefix(),
                                    List.of(),
                                    root.columnstore(),
                                    tablespaces.getOrDefault(root.id(), List.of()),
                                    chunkSkipping.getOrDefault(root.id(), List.of()),
                                    root.directCompress(),
                                    List.of()),
                            chunks.getOrDefault(root.id(), List.of())));
        }
        return found;
    }

    private record Root(
            int id,
            TableName name,
            String chunkSchema,
            String chunkPrefix,
            @Nullable Columnstore columnstore,
            boolean directCompress) {}

    private static List<Root> roots(Connection connection, DiscoverColumnstore columnstores) throws SQLException {
        return Query.list(
                connection,
                """
                SELECT h.id, coalesce(a.view_schema, h.schema_name), coalesce(a.view_name, h.table_name),
                       h.associated_schema_name, h.associated_table_prefix,
                       coalesce(a.compression_enabled, v.compression_enabled), c.oid::bigint,
                       (SELECT d.compress_interval_length FROM _timescaledb_catalog.dimension d
                         WHERE d.hypertable_id = h.id AND d.compress_interval_length IS NOT NULL), h.status
                  FROM _timescaledb_catalog.hypertable h
                  LEFT JOIN timescaledb_information.hypertables v
                    ON v.hypertable_schema = h.schema_name AND v.hypertable_name = h.table_name
                  LEFT JOIN timescaledb_information.continuous_aggregates a
                    ON a.materialization_hypertable_schema = h.schema_name
                   AND a.materialization_hypertable_name = h.table_name
                  JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema_name
                  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = h.table_name
                 WHERE v.hypertable_name IS NOT NULL OR a.view_name IS NOT NULL
                 ORDER BY h.id
                """,
                row -> new Root(
                        row.getInt(1),
                        new TableName(row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getString(5),
                        row.getBoolean(6)
                                ? columnstores.ofHypertable(
                                        row.getLong(7), row.getObject(8) == null ? null : row.getLong(8))
                                : null,
                        (row.getInt(9) & DIRECT_COMPRESS) != 0));
    }

    private static Map<Integer, List<String>> names(Connection connection, String sql) throws SQLException {
        Map<Integer, List<String>> byHypertable = new LinkedHashMap<>();
        Query.list(connection, sql, row -> byHypertable
                .computeIfAbsent(row.getInt(1), id -> new ArrayList<>())
                .add(row.getString(2)));
        return byHypertable;
    }

    private static Map<Integer, List<Dimension>> dimensions(Connection connection) throws SQLException {
        Map<Integer, List<Dimension>> byHypertable = new LinkedHashMap<>();
        Query.list(connection, """
                SELECT d.hypertable_id, d.column_name, format_type(a.atttypid, a.atttypmod), d.interval_length,
                       d.num_slices, d.partitioning_func_schema, d.partitioning_func,
                       now.schema, now.name,
                       EXISTS (SELECT FROM pg_catalog.pg_proc o
                                 JOIN pg_catalog.pg_namespace fn ON fn.oid = o.pronamespace
                                WHERE fn.nspname = d.partitioning_func_schema AND o.proname = d.partitioning_func
                                  AND NOT %s)
                  FROM _timescaledb_catalog.dimension d
                  JOIN _timescaledb_catalog.hypertable h ON h.id = d.hypertable_id
                  JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema_name
                  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = h.table_name
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = d.column_name
                  -- one that was dropped, or replaced by another one, cannot be set again: DiscoverUncarried names it
                  LEFT JOIN LATERAL (SELECT d.integer_now_func_schema AS schema, d.integer_now_func AS name
                                       FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
                                      WHERE f.nspname = d.integer_now_func_schema AND p.proname = d.integer_now_func
                                        AND p.pronargs = 0 AND p.prorettype = a.atttypid
                                        AND p.provolatile <> 'v') now ON true
                 ORDER BY d.hypertable_id, d.id
                """.formatted(UserObjects.isNoMember("o")), row -> byHypertable
                .computeIfAbsent(row.getInt(1), id -> new ArrayList<>())
                .add(dimension(row)));
        return byHypertable;
    }

    private static Dimension dimension(ResultSet row) throws SQLException {
        // a hash dimension has a number of slices, a range has an interval
        Integer partitions = row.getObject(5) == null ? null : row.getInt(5);
        Long interval = row.getObject(4) == null ? null : row.getLong(4);
        Dimension.@Nullable QualifiedName partitioning = qualified(row.getString(6), row.getString(7));
        boolean defaultHash = partitions != null
                && partitioning != null
                && partitioning.name().equals("get_partition_hash")
                && row.getBoolean(10);
        return new Dimension(
                row.getString(2),
                row.getString(3),
                partitions == null ? Dimension.Kind.RANGE : Dimension.Kind.HASH,
                interval,
                partitions,
                defaultHash ? null : partitioning,
                qualified(row.getString(8), row.getString(9)));
    }

    private static Dimension.@Nullable QualifiedName qualified(@Nullable String schema, @Nullable String name) {
        return schema == null || name == null ? null : new Dimension.QualifiedName(schema, name);
    }

    private Map<Integer, List<DiscoveredChunk>> chunks(
            Connection connection, DiscoverColumnstore columnstores, List<Root> roots) throws SQLException {
        Map<Integer, Root> hypertables = roots.stream().collect(Collectors.toMap(Root::id, Function.identity()));
        String slices = server.slicesNameTheirChunk()
                ? "_timescaledb_catalog.dimension_slice sl"
                : "_timescaledb_catalog.chunk_constraint cc"
                        + " JOIN _timescaledb_catalog.dimension_slice sl ON sl.id = cc.dimension_slice_id";
        String sliceChunk = server.slicesNameTheirChunk() ? "sl.chunk_id" : "cc.chunk_id";
        Map<Integer, List<Slice>> slicesByChunk = new LinkedHashMap<>();
        Query.list(
                connection,
                "SELECT " + sliceChunk + ", d.column_name, sl.range_start, sl.range_end FROM " + slices
                        + " JOIN _timescaledb_catalog.dimension d ON d.id = sl.dimension_id ORDER BY 1, d.id",
                row -> slicesByChunk
                        .computeIfAbsent(row.getInt(1), id -> new ArrayList<>())
                        .add(new Slice(row.getString(2), row.getLong(3), row.getLong(4))));
        Map<Integer, List<DiscoveredChunk>> byHypertable = new LinkedHashMap<>();
        Query.list(
                connection,
                """
                SELECT ch.hypertable_id, ch.id, n.nspname, c.relname, c.oid::bigint, c.relfilenode::bigint,
                       cn.nspname, cc.relname, cc.oid::bigint,
                       coalesce(pg_table_size(c.oid), 0) + coalesce(pg_table_size(cc.oid), 0), ch.status
                  FROM %s
                  LEFT JOIN _timescaledb_catalog.compression_settings cs ON cs.relid = c.oid
                  LEFT JOIN pg_catalog.pg_class cc ON cc.oid = cs.compress_relid
                  LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = cc.relnamespace
                 WHERE NOT ch.osm_chunk AND ch.hypertable_id = ANY (?)
                 ORDER BY ch.id
                """.formatted(chunkRelations()),
                row -> byHypertable
                        .computeIfAbsent(row.getInt(1), id -> new ArrayList<>())
                        .add(chunk(
                                row,
                                slicesByChunk.getOrDefault(row.getInt(2), List.of()),
                                storage(
                                        row.getInt(11),
                                        hypertables.get(row.getInt(1)).columnstore(),
                                        columnstores.ofChunk(row.getLong(5))))),
                connection.createArrayOf("int4", hypertables.keySet().toArray()));
        return byHypertable;
    }

    private static @Nullable ChunkStorage storage(
            int status, @Nullable Columnstore hypertable, @Nullable Columnstore own) {
        boolean compressed = (status & COMPRESSED) != 0;
        boolean frozen = (status & FROZEN) != 0;
        if (!compressed && !frozen) {
            return null;
        }
        boolean asHypertable = own == null || hypertable != null && own.equals(hypertable.withoutChunkInterval());
        return new ChunkStorage(
                compressed, compressed && (status & PARTIAL) != 0, frozen, asHypertable || !compressed ? null : own);
    }

    private static DiscoveredChunk chunk(ResultSet row, List<Slice> slices, @Nullable ChunkStorage storage)
            throws SQLException {
        String companion = row.getString(8);
        return new DiscoveredChunk(
                new TableName(row.getString(3), row.getString(4)),
                row.getLong(5),
                row.getLong(6),
                companion == null ? null : new TableName(row.getString(7), companion),
                companion == null ? null : row.getLong(9),
                row.getLong(10),
                slices,
                storage);
    }

    /** FROM items that bind {@code ch} (the catalog's chunk), {@code c} and {@code n} (its relation and schema). */
    private String chunkRelations() {
        return server.chunksHaveRelid() ? """
                  _timescaledb_catalog.chunk ch
                  JOIN pg_catalog.pg_class c ON c.oid = ch.relid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  """ : """
                  _timescaledb_catalog.chunk ch
                  JOIN pg_catalog.pg_namespace n ON n.nspname = ch.schema_name
                  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = ch.table_name
                  """;
    }
}

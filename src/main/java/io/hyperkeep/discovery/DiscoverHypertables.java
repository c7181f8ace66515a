package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads hypertables, their dimensions and chunks from TimescaleDB's catalog; tried on 2.19, 2.29 and 2.31.
 *
 * <p>The catalog is read rather than {@code timescaledb_information}, because only a plain SELECT from catalog tables
 * shows the snapshot's state, and because the views print ranges in the session's time zone.
 */
final class DiscoverHypertables {
    private final ServerCapabilities server;

    DiscoverHypertables(ServerCapabilities server) {
        this.server = server;
    }

    /** A hypertable's settings, and its chunks as relations. */
    record Found(Hypertable settings, List<DiscoveredChunk> chunks) {}

    /** Relations that are chunks, of whatever hypertable and in whatever schema. */
    Set<TableName> chunkNames(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(
                connection,
                "SELECT n.nspname, c.relname FROM " + chunkRelations(),
                row -> new TableName(row.getString(1), row.getString(2))));
    }

    /** Reads the selected hypertables; internal ones, of compression and continuous aggregates, are none. */
    Map<TableName, Found> read(Connection connection, Predicate<TableName> selected) throws SQLException {
        record Root(int id, TableName name, String chunkSchema, String chunkPrefix) {}
        List<Root> roots = Query.list(
                        connection,
                        """
                SELECT h.id, h.schema_name, h.table_name, h.associated_schema_name, h.associated_table_prefix
                  FROM _timescaledb_catalog.hypertable h
                  JOIN timescaledb_information.hypertables v
                    ON v.hypertable_schema = h.schema_name AND v.hypertable_name = h.table_name
                 ORDER BY h.id
                """,
                        row -> new Root(
                                row.getInt(1),
                                new TableName(row.getString(2), row.getString(3)),
                                row.getString(4),
                                row.getString(5)))
                .stream()
                .filter(root -> selected.test(root.name()))
                .toList();
        Map<Integer, List<Dimension>> dimensions = dimensions(connection);
        Map<Integer, List<DiscoveredChunk>> chunks =
                chunks(connection, roots.stream().map(Root::id).toArray(Integer[]::new));
        Map<TableName, Found> found = new LinkedHashMap<>();
        for (Root root : roots) {
            found.put(
                    root.name(),
                    new Found(
                            new Hypertable(
                                    dimensions.getOrDefault(root.id(), List.of()),
                                    root.chunkSchema(),
                                    root.chunkPrefix(),
                                    List.of()),
                            chunks.getOrDefault(root.id(), List.of())));
        }
        return found;
    }

    private static Map<Integer, List<Dimension>> dimensions(Connection connection) throws SQLException {
        Map<Integer, List<Dimension>> byHypertable = new LinkedHashMap<>();
        Query.list(connection, """
                SELECT d.hypertable_id, d.column_name, format_type(a.atttypid, a.atttypmod), d.interval_length,
                       d.num_slices, d.partitioning_func_schema, d.partitioning_func,
                       d.integer_now_func_schema, d.integer_now_func
                  FROM _timescaledb_catalog.dimension d
                  JOIN _timescaledb_catalog.hypertable h ON h.id = d.hypertable_id
                  JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema_name
                  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = h.table_name
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = d.column_name
                 ORDER BY d.hypertable_id, d.id
                """, row -> byHypertable
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
                && partitioning.schema().startsWith("_timescaledb_");
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

    private Map<Integer, List<DiscoveredChunk>> chunks(Connection connection, Integer[] hypertables)
            throws SQLException {
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
                       coalesce(pg_table_size(c.oid), 0) + coalesce(pg_table_size(cc.oid), 0)
                  FROM %s
                  LEFT JOIN _timescaledb_catalog.compression_settings cs ON cs.relid = c.oid
                  LEFT JOIN pg_catalog.pg_class cc ON cc.oid = cs.compress_relid
                  LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = cc.relnamespace
                 WHERE NOT ch.osm_chunk AND ch.hypertable_id = ANY (?)
                 ORDER BY ch.id
                """.formatted(chunkRelations()),
                row -> byHypertable
                        .computeIfAbsent(row.getInt(1), id -> new ArrayList<>())
                        .add(chunk(row, slicesByChunk.getOrDefault(row.getInt(2), List.of()))),
                connection.createArrayOf("int4", hypertables));
        return byHypertable;
    }

    private static DiscoveredChunk chunk(ResultSet row, List<Slice> slices) throws SQLException {
        String companion = row.getString(8);
        return new DiscoveredChunk(
                new TableName(row.getString(3), row.getString(4)),
                row.getLong(5),
                row.getLong(6),
                companion == null ? null : new TableName(row.getString(7), companion),
                companion == null ? null : row.getLong(9),
                row.getLong(10),
                slices);
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

package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Columnstore.OrderBy;
import io.hyperkeep.manifest.Columnstore.SparseIndex;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads how hypertables and chunks are compressed, each by its own oid: a chunk keeps the settings that it was compressed
 * with. Immutable.
 *
 * <p>The catalog is read, because {@code hypertable_compression_settings} joins names with commas without quoting them,
 * and {@code compression_settings} does not tell "none" from "not chosen yet".
 */
final class DiscoverColumnstore {
    /** What a sparse index says of itself when somebody asked for it. */
    private static final String ASKED_FOR = "config";

    private final Map<Long, Columnstore> settings;

    private DiscoverColumnstore(Map<Long, Columnstore> settings) {
        this.settings = settings;
    }

    static DiscoverColumnstore read(Connection connection, ServerCapabilities server) throws SQLException {
        Map<Long, Columnstore> settings = new HashMap<>();
        Query.list(
                connection,
                "SELECT relid::oid::bigint, segmentby, orderby, orderby_desc, orderby_nullsfirst, "
                        + (server.sparseIndexes() ? "index::text" : "NULL")
                        + " FROM _timescaledb_catalog.compression_settings",
                row -> settings.put(row.getLong(1), columnstore(row)));
        return new DiscoverColumnstore(settings);
    }

    /**
     * The settings of a hypertable whose columnstore is enabled.
     *
     * @param chunkInterval the width up to which chunks are merged, or null
     */
    Columnstore ofHypertable(long oid, @Nullable Long chunkInterval) {
        Columnstore own = settings.get(oid);
        return own == null
                ? new Columnstore(null, null, null, chunkInterval)
                : new Columnstore(own.segmentBy(), own.orderBy(), own.sparseIndexes(), chunkInterval);
    }

    /**
     * The settings that a chunk was compressed with; null when it is not compressed. Its rows are not grouped also where no
     * columns to group by were chosen: TimescaleDB chooses them only together with the order, which a chunk always has.
     */
    @Nullable
    Columnstore ofChunk(long oid) {
        Columnstore own = settings.get(oid);
        return own == null || own.segmentBy() != null || own.orderBy() != null
                ? own
                : new Columnstore(List.of(), null, own.sparseIndexes(), null);
    }

    private static Columnstore columnstore(ResultSet row) throws SQLException {
        List<String> order = texts(row.getArray(3));
        List<OrderBy> orderBy = null;
        if (order != null) {
            Boolean[] descending = (Boolean[]) row.getArray(4).getArray();
            Boolean[] nullsFirst = (Boolean[]) row.getArray(5).getArray();
            orderBy = new ArrayList<>();
            for (int i = 0; i < order.size(); i++) {
                orderBy.add(new OrderBy(order.get(i), descending[i], nullsFirst[i]));
            }
        }
        return new Columnstore(texts(row.getArray(2)), orderBy, sparseIndexes(row.getString(6)), null);
    }

    private static @Nullable List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? null : List.of((String[]) array.getArray());
    }

    /** Who asks for none gets an entry without a type. */
    private static @Nullable List<SparseIndex> sparseIndexes(@Nullable String json) {
        List<SparseIndex> asked = null;
        for (JsonNode index : JsonMapper.shared().readTree(json == null ? "[]" : json)) {
            if (index.path("source").asString("").equals(ASKED_FOR)) {
                asked = asked == null ? new ArrayList<>() : asked;
                if (index.has("type")) {
                    asked.add(new SparseIndex(index.get("type").asString(), columns(index.path("column"))));
                }
            }
        }
        return asked;
    }

    private static List<String> columns(JsonNode column) {
        List<String> columns = new ArrayList<>();
        if (column.isArray()) {
            column.forEach(one -> columns.add(one.asString()));
        } else {
            columns.add(column.asString());
        }
        return columns;
    }
}

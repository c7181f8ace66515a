package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Slice;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values that TimescaleDB puts into a given hash partition, found by asking it. For one thread. */
final class HashValues {
    private final Map<Dimension, Map<Slice, String>> found = new HashMap<>();

    /**
     * A value's text.
     *
     * @param slice one of the partitions that new chunks get
     * @return null when it is none of them, or when there is no way to make values of the column's type
     */
    @Nullable
    String in(Connection connection, Dimension dimension, Slice slice) throws SQLException {
        Map<Slice, String> values = found.get(dimension);
        if (values == null) {
            values = find(connection, dimension);
            found.put(dimension, values);
        }
        return values.get(slice);
    }

    private record Hashed(String value, long hash) {}

    private static Map<Slice, String> find(Connection connection, Dimension dimension) throws SQLException {
        String text =
                switch (dimension.columnType().replaceAll("\\(\\d+\\)", "")) {
                    case "smallint", "integer", "bigint", "numeric", "oid", "text", "character varying", "name" ->
                        "n::text";
                    case "uuid" -> "md5(n::text)";
                    default -> null;
                };
        if (text == null) {
            return Map.of();
        }
        Dimension.QualifiedName function = dimension.partitioningFunction();
        String hash = function == null
                ? "_timescaledb_functions.get_partition_hash"
                : Identifiers.quote(function.schema()) + "." + Identifiers.quote(function.name());
        NavigableMap<Long, Slice> partitions = new TreeMap<>();
        ChunkGrid.partitions(dimension).forEach(slice -> partitions.put(slice.start(), slice));
        // so many that a partition without one is beyond all chance; more than a smallint can not be
        long most = Math.min(32_767, 200L + 40L * partitions.size());
        List<Hashed> hashed = Query.list(
                connection,
                "SELECT v, " + hash + "(v::" + dimension.columnType() + ")::bigint" + " FROM (SELECT " + text
                        + " AS v FROM generate_series(1, " + most + ") AS n) AS candidates",
                row -> new Hashed(row.getString(1), row.getLong(2)));
        Map<Slice, String> values = new HashMap<>();
        hashed.forEach(
                value -> values.putIfAbsent(partitions.floorEntry(value.hash()).getValue(), value.value()));
        return values;
    }
}

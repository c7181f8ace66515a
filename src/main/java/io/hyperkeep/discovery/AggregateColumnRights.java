package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Columns of materialization hypertables that have the rights of the same column of their aggregate's view: TimescaleDB
 * passes on what is granted on the view. Thread-safe: it has no state.
 */
public final class AggregateColumnRights {
    private record Passed(TableName aggregate, String column) {}

    /** By aggregate; one without such columns is left out. */
    public Map<TableName, Set<String>> read(Connection connection) throws SQLException {
        return Query.list(
                        connection,
                        """
                        SELECT g.user_view_schema::text, g.user_view_name::text, m.attname::text
                          FROM _timescaledb_catalog.continuous_agg g
                          JOIN _timescaledb_catalog.hypertable h ON h.id = g.mat_hypertable_id
                          JOIN pg_catalog.pg_namespace vn ON vn.nspname = g.user_view_schema
                          JOIN pg_catalog.pg_class v ON v.relnamespace = vn.oid AND v.relname = g.user_view_name
                          JOIN pg_catalog.pg_namespace kn ON kn.nspname = h.schema_name
                          JOIN pg_catalog.pg_class k ON k.relnamespace = kn.oid AND k.relname = h.table_name
                          JOIN pg_catalog.pg_attribute m ON m.attrelid = k.oid AND m.attnum > 0
                          JOIN pg_catalog.pg_attribute c ON c.attrelid = v.oid AND c.attname = m.attname
                         WHERE m.attacl @> c.attacl AND c.attacl @> m.attacl
                        """,
                        row -> new Passed(new TableName(row.getString(1), row.getString(2)), row.getString(3)))
                .stream()
                .collect(Collectors.groupingBy(
                        Passed::aggregate, Collectors.mapping(Passed::column, Collectors.toUnmodifiableSet())));
    }
}

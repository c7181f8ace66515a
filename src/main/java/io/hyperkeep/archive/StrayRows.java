package io.hyperkeep.archive;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Finds hypertables whose root table holds rows of its own: from version 2.29 on an INSERT succeeds while
 * {@code timescaledb.restoring} is on, and goes there. Out of that mode no query shows them.
 */
final class StrayRows {
    private StrayRows() {}

    static List<TableName> find(Connection connection) throws SQLException {
        return Query.list(connection, """
                SELECT h.schema_name, h.table_name
                  FROM _timescaledb_catalog.hypertable h
                  JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema_name
                  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = h.table_name
                 WHERE pg_relation_size(c.oid) > 0
                 ORDER BY 1, 2
                """, row -> new TableName(row.getString(1), row.getString(2)));
    }
}

package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Indexes that a failed CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY left behind: no query uses them, and pg_dump
 * leaves them out. One of a partitioned table is invalid until each partition has its own, and is dumped.
 */
public final class InvalidIndexes {
    /** What pg_dump takes; {@code i} is bound to pg_index, {@code t} to the pg_class of its table. */
    static final String DUMPED = "(i.indisvalid OR t.relkind = 'p') AND i.indisready";

    private static final String FIND = """
            SELECT n.nspname, t.relname,
                   format('index %%s.%%s of %%s.%%s is invalid, as a failed CREATE INDEX CONCURRENTLY leaves it, and is not in'
                          || ' the backup: REINDEX INDEX CONCURRENTLY makes it valid, DROP INDEX removes it',
                          n.nspname, c.relname, n.nspname, t.relname)
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
             WHERE NOT (%s) AND t.relpersistence <> 't' AND t.relkind IN ('r', 'm', 'p')
               AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')%s
             ORDER BY 1, 2, 3""";

    private static final String NO_CHUNK = """

               AND NOT EXISTS (SELECT FROM timescaledb_information.chunks k
                                WHERE k.chunk_schema = n.nspname AND k.chunk_name = t.relname)""";

    private InvalidIndexes() {}

    /** All of a database. */
    public static List<Warning> find(Connection connection) throws SQLException {
        return find(connection, FIND.formatted(DUMPED, ""), table -> true);
    }

    /** Those of selected tables; a chunk gets its indexes from its hypertable. */
    static List<Warning> find(Connection connection, ServerCapabilities server, Predicate<TableName> selected)
            throws SQLException {
        return find(connection, FIND.formatted(DUMPED, server.hasTimescale() ? NO_CHUNK : ""), selected);
    }

    private static List<Warning> find(Connection connection, String sql, Predicate<TableName> selected)
            throws SQLException {
        record Found(TableName table, String text) {}
        return Query.list(
                        connection,
                        sql,
                        row -> new Found(new TableName(row.getString(1), row.getString(2)), row.getString(3)))
                .stream()
                .filter(found -> selected.test(found.table()))
                .map(found -> new Warning("invalid-index", found.text()))
                .toList();
    }
}

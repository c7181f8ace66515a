package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * The relations that TimescaleDB makes beside those that it brings as an extension: chunks in whatever schema, the tables
 * of compressed rows, the hypertables and views that continuous aggregates consist of. Its catalog names each of them.
 * Thread-safe: it has no state.
 */
public final class InternalRelations {
    private InternalRelations() {}

    /** A query of their oids; for a database that has TimescaleDB. */
    static String oids(ServerCapabilities server) {
        return """
                SELECT ic.oid FROM %s
                UNION SELECT cs.compress_relid::oid FROM _timescaledb_catalog.compression_settings cs
                       WHERE cs.compress_relid IS NOT NULL
                UNION SELECT ic.oid
                        FROM (SELECT h.schema_name, h.table_name FROM _timescaledb_catalog.hypertable h
                               WHERE to_jsonb(h) ->> 'compression_state' = '2'
                                  OR h.id IN (SELECT a.mat_hypertable_id FROM _timescaledb_catalog.continuous_agg a)
                              UNION SELECT partial_view_schema, partial_view_name
                                      FROM _timescaledb_catalog.continuous_agg
                              UNION SELECT direct_view_schema, direct_view_name
                                      FROM _timescaledb_catalog.continuous_agg) of (nspname, relname)
                        JOIN pg_catalog.pg_namespace i ON i.nspname = of.nspname
                        JOIN pg_catalog.pg_class ic ON ic.relnamespace = i.oid AND ic.relname = of.relname""".formatted(chunks(server));
    }

    private static String chunks(ServerCapabilities server) {
        return server.chunksHaveRelid()
                ? "_timescaledb_catalog.chunk ch JOIN pg_catalog.pg_class ic ON ic.oid = ch.relid"
                // a chunk that was dropped leaves its row, and its name to others
                : """
                _timescaledb_catalog.chunk ch JOIN pg_catalog.pg_namespace i ON i.nspname = ch.schema_name
                  JOIN pg_catalog.pg_class ic ON ic.relnamespace = i.oid AND ic.relname = ch.table_name
                 WHERE NOT coalesce((to_jsonb(ch) ->> 'dropped')::boolean, false)""";
    }

    /** Their names; none in a database without TimescaleDB. */
    public static Set<TableName> read(Connection connection, ServerCapabilities server) throws SQLException {
        return server.hasTimescale()
                ? new HashSet<>(Query.list(
                        connection,
                        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
                                + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid IN ("
                                + oids(server) + ")",
                        row -> new TableName(row.getString(1), row.getString(2))))
                : Set.of();
    }
}

package io.hyperkeep.archive;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.RestoreLedgers;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Finds relations that the planner knows nothing of although they hold rows: those that nobody had analyzed in the source
 * either, and those with statistics objects, whose statistics no dump carries (pg_dump 18). Thread-safe: it has no state.
 */
public final class MissingStatistics {
    private MissingStatistics() {}

    /**
     * Whether this session may give a server statistics that a dump has brought.
     *
     * @param connection to the target
     */
    public static boolean canBeBrought(Connection connection, ServerCapabilities server) throws SQLException {
        return server.serverMajor() >= DumpDatabase.KNOWS_STATISTICS
                // whoever owns some of the tables only would fail at the others
                && Query.one(connection, "SELECT current_setting('is_superuser')::boolean", row -> row.getBoolean(1));
    }

    /**
     * Looks. A hypertable's chunks are looked at, not its root: what ANALYZE says of the whole it says after reading all
     * of them, and only some joins use it.
     *
     * @param connection of a superuser's: others do not see statistics
     * @return the largest first
     */
    public static List<TableName> find(Connection connection, ServerCapabilities server) throws SQLException {
        return Query.list(
                connection,
                """
                SELECT n.nspname, c.relname
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm', 'p') AND (c.relkind = 'p' OR pg_relation_size(c.oid) > 0)
                   AND c.relpersistence <> 't'
                   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
                   AND n.oid NOT IN (%s) %s
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                                      AND d.deptype = 'e')
                   AND (EXISTS (SELECT FROM pg_catalog.pg_attribute a
                                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                   AND a.attstattarget IS DISTINCT FROM 0 AND a.attgenerated <> 'v'
                                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic s
                                                    WHERE s.starelid = c.oid AND s.staattnum = a.attnum
                                                      AND s.stainherit = (c.relkind = 'p')))
                        OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext e
                                    WHERE e.stxrelid = c.oid AND e.stxstattarget IS DISTINCT FROM 0
                                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext_data d
                                                       WHERE d.stxoid = e.oid))
                        OR EXISTS (SELECT FROM pg_catalog.pg_index i
                                     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid
                                    WHERE i.indrelid = c.oid AND i.indkey[a.attnum - 1] = 0
                                      AND a.attstattarget IS DISTINCT FROM 0
                                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic s
                                                       WHERE s.starelid = a.attrelid AND s.staattnum = a.attnum)))
                 ORDER BY pg_relation_size(c.oid) DESC, 1, 2
                """.formatted(
                                RestoreLedgers.OIDS,
                                server.hasTimescale()
                                        ? "AND NOT EXISTS (SELECT FROM _timescaledb_catalog.hypertable h"
                                                + " WHERE (h.schema_name, h.table_name) = (n.nspname, c.relname))"
                                        : ""),
                row -> new TableName(row.getString(1), row.getString(2)));
    }
}

package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Names everything that a backup of kind {@code tables} would leave out of this database, so that nothing is left out
 * silently. Thread-safe: it has no state.
 */
public final class DiscoverUncarried {
    private static final Predicate<TableName> EVERY = name -> true;

    /** Rows of hypertables that are in an object store, which no backup reads; for a database that has TimescaleDB. */
    public static List<Warning> tieredRows(Connection connection, Predicate<TableName> selected) throws SQLException {
        List<Warning> warnings = new ArrayList<>();
        add(connection, warnings, "tiered-chunk", """
                SELECT h.schema_name, h.table_name, format('tiered rows of hypertable %s.%s are not in the backup',
                       h.schema_name, h.table_name)
                  FROM _timescaledb_catalog.chunk c JOIN _timescaledb_catalog.hypertable h ON h.id = c.hypertable_id
                 WHERE c.osm_chunk ORDER BY 1, 2
                """, selected);
        return warnings;
    }

    /** What exists and is not carried; empty when everything is. */
    public List<Warning> run(Connection connection, ServerCapabilities server, Predicate<TableName> selected)
            throws SQLException {
        List<Warning> warnings = new ArrayList<>();
        if (server.hasTimescale()) {
            warnings.addAll(DiscoverJobs.notRestorable(connection, selected));
            add(connection, warnings, "continuous-aggregate", """
                    SELECT user_view_schema, user_view_name, format('continuous aggregate %s.%s has the form of before '
                           || 'TimescaleDB 2.7 and is not in the backup; CALL cagg_migrate gives it the present one',
                           user_view_schema, user_view_name)
                      FROM _timescaledb_catalog.continuous_agg a
                     WHERE NOT coalesce((to_jsonb(a) ->> 'finalized')::boolean, true) ORDER BY 1, 2
                    """, selected);
            add(connection, warnings, "granular-refresh", """
                    SELECT user_view_schema, user_view_name, format('that continuous aggregate %s.%s is refreshed '
                           || 'granularly is not in the backup', user_view_schema, user_view_name)
                      FROM _timescaledb_catalog.continuous_agg a
                     WHERE (to_jsonb(a) ->> 'granular_refresh_enabled')::boolean ORDER BY 1, 2
                    """, selected);
            warnings.addAll(tieredRows(connection, selected));
            add(connection, warnings, "integer-now", """
                    SELECT coalesce(ca.user_view_schema, h.schema_name), coalesce(ca.user_view_name, h.table_name),
                           format('hypertable %s.%s: its function for "now", %s.%s(), is not in the backup: it was dropped, or '
                           || 'does not return %s as TimescaleDB wants it any more; policies that need it fail in this '
                           || 'database, too. SELECT set_integer_now_func(..., replace_if_exists => true) sets another one',
                           h.schema_name, h.table_name, d.integer_now_func_schema, d.integer_now_func,
                           format_type(a.atttypid, NULL))
                      FROM _timescaledb_catalog.dimension d
                      JOIN _timescaledb_catalog.hypertable h ON h.id = d.hypertable_id
                      LEFT JOIN _timescaledb_catalog.continuous_agg ca ON ca.mat_hypertable_id = h.id
                      JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema_name
                      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = h.table_name
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = d.column_name
                     WHERE d.integer_now_func IS NOT NULL
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p
                                         JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
                                        WHERE f.nspname = d.integer_now_func_schema AND p.proname = d.integer_now_func
                                          AND p.pronargs = 0 AND p.prorettype = a.atttypid AND p.provolatile <> 'v')
                     ORDER BY 1, 2
                    """, selected);
            // rows that got into a root while timescaledb.restoring was on: no query shows them
            add(connection, warnings, "stray-rows", """
                    SELECT hypertable_schema, hypertable_name, format('the root table of hypertable %s.%s holds rows '
                           || 'that no query shows and that are not in the backup', hypertable_schema, hypertable_name)
                      FROM timescaledb_information.hypertables
                      JOIN pg_catalog.pg_namespace n ON n.nspname = hypertable_schema
                      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = hypertable_name
                     WHERE pg_relation_size(c.oid) > 0
                     ORDER BY 1, 2
                    """, selected);
        }
        warnings.addAll(InvalidIndexes.find(connection, server, selected));
        add(connection, warnings, "foreign-table", """
                SELECT n.nspname, c.relname, format('foreign table %%s.%%s: its definition is in the backup, the rows of '
                       || 'the remote server are not', n.nspname, c.relname)
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'f' AND %s ORDER BY 1, 2
                """.formatted(UserObjects.isNotInternal(server, "c")), EVERY);
        warnings.addAll(new DiscoverUndumped().run(connection, selected));
        add(connection, warnings, "large-objects", """
                SELECT NULL, NULL, format('%s large objects are not in the backup', count(*))
                  FROM pg_catalog.pg_largeobject_metadata HAVING count(*) > 0
                """, EVERY);
        add(connection, warnings, "extension-rows", """
                SELECT NULL, NULL, format('rows that users added to tables of extension %s are not in the backup',
                       extname)
                  FROM pg_catalog.pg_extension WHERE extconfig IS NOT NULL AND extname <> 'timescaledb' ORDER BY extname
                """, EVERY);
        return warnings;
    }

    /** Runs a query of schema, name and text; rows whose table is not selected are no loss. */
    private static void add(
            Connection connection, List<Warning> warnings, String code, String sql, Predicate<TableName> selected)
            throws SQLException {
        record Loss(@Nullable String schema, String name, String text) {}
        Query.list(connection, sql, row -> new Loss(row.getString(1), row.getString(2), row.getString(3))).stream()
                .filter(loss -> loss.schema() == null || selected.test(new TableName(loss.schema(), loss.name())))
                .forEach(loss -> warnings.add(new Warning(code, loss.text())));
    }
}

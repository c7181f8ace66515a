package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.schema.PropertiesSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Gives users' functions the {@code search_path} that their sessions have, as long as sessions with an empty one run them:
 * in checks, generated columns, index expressions, partition keys and materialized views. The functions get it as a
 * setting of their own and lose it again before anything is compared; those that have one keep it.
 *
 * <p>What definitions mean is not touched: their text is read with the empty path that it was written with. Why it is
 * done so is in decision 0026. Repeatable: the ledger says which functions have it on loan. Not thread-safe.
 */
public final class LendSearchPath {
    private static final String ITEM = "search path of ";

    /** Everything that evaluates expressions while rows are restored, and the functions that it leads to. */
    private static final String FUNCTIONS = """
            WITH RECURSIVE evaluated AS (
                SELECT 'pg_catalog.pg_constraint'::regclass AS classid, c.oid AS objid,
                       coalesce(r.relowner, t.typowner) AS owner, 0 AS priority, false AS computes
                  FROM pg_catalog.pg_constraint c
                  LEFT JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
                  LEFT JOIN pg_catalog.pg_type t ON t.oid = c.contypid
                 WHERE c.contype = 'c'
                UNION ALL
                SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid, r.relowner, 0, a.attgenerated = 's'
                  FROM pg_catalog.pg_attrdef d
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated <> ''
                  JOIN pg_catalog.pg_class r ON r.oid = d.adrelid
                UNION ALL
                SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, r.relowner, 0, false
                  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class r ON r.oid = i.indrelid
                 WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
                UNION ALL
                SELECT 'pg_catalog.pg_class'::regclass, p.partrelid, r.relowner, 0, false
                  FROM pg_catalog.pg_partitioned_table p JOIN pg_catalog.pg_class r ON r.oid = p.partrelid
                UNION ALL
                SELECT 'pg_catalog.pg_statistic_ext'::regclass, e.oid, e.stxowner, 0, false FROM pg_catalog.pg_statistic_ext e
                UNION ALL
                SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid, r.relowner, 0, false
                  FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class r ON r.oid = w.ev_class AND r.relkind = 'm'
                UNION ALL
                -- indexes are still to come, and such functions are all that they may call
                SELECT 'pg_catalog.pg_proc'::regclass, p.oid, p.proowner, 1, false
                  FROM pg_catalog.pg_proc p WHERE p.provolatile = 'i' AND p.oid >= 16384::oid
                %s),
            reached AS (
                SELECT e.classid::oid, e.objid, e.owner, e.priority, e.computes FROM evaluated e
                UNION
                SELECT n.classid, n.objid, s.owner, s.priority, s.computes
                  FROM reached s,
                       LATERAL (SELECT d.refclassid AS classid, d.refobjid AS objid
                                  FROM pg_catalog.pg_depend d
                                 WHERE d.classid = s.classid AND d.objid = s.objid
                                   AND (d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass,
                                                         'pg_catalog.pg_opclass'::regclass)
                                        OR d.refclassid = 'pg_catalog.pg_class'::regclass
                                           AND s.classid = 'pg_catalog.pg_rewrite'::regclass)
                                UNION ALL
                                SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid
                                  FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class v ON v.oid = w.ev_class
                                 WHERE s.classid = 'pg_catalog.pg_class'::regclass AND w.ev_class = s.objid
                                   AND v.relkind = 'v'
                                UNION ALL
                                SELECT 'pg_catalog.pg_proc'::regclass, f.amproc::oid
                                  FROM pg_catalog.pg_opclass o
                                  JOIN pg_catalog.pg_amproc f ON f.amprocfamily = o.opcfamily
                                 WHERE s.classid = 'pg_catalog.pg_opclass'::regclass AND o.oid = s.objid) n)
            SELECT pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname,
                                     pg_catalog.pg_get_function_identity_arguments(p.oid)),
                   (pg_catalog.array_agg(pg_catalog.pg_get_userbyid(s.owner)::text ORDER BY s.priority, s.owner))[1],
                   pg_catalog.bool_or(s.computes)
              FROM reached s
              JOIN pg_catalog.pg_proc p ON s.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = s.objid
              JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
              JOIN pg_catalog.pg_language l ON l.oid = p.prolang
             WHERE p.prokind = 'f' AND l.lanname NOT IN ('c', 'internal')
               -- its body was parsed when it was created
               AND (pg_catalog.to_jsonb(p) -> 'prosqlbody') IS NOT DISTINCT FROM 'null'::jsonb
               AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS c(setting)
                                WHERE pg_catalog.starts_with(c.setting, 'search_path='))
               AND n.nspname NOT IN ('pg_catalog', 'information_schema')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                 JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid AND x.extname = 'timescaledb'
                                WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                                  AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e')
             GROUP BY p.oid, n.nspname, p.proname
             ORDER BY 1
            """;

    /** TimescaleDB keeps them by name. */
    private static final String PARTITIONING = """
                UNION ALL
                SELECT 'pg_catalog.pg_proc'::regclass, p.oid, p.proowner, 0, false
                  FROM _timescaledb_catalog.dimension d
                  JOIN pg_catalog.pg_namespace f ON f.nspname = d.partitioning_func_schema
                  JOIN pg_catalog.pg_proc p ON p.pronamespace = f.oid AND p.proname = d.partitioning_func
            """;

    private final Connections target;
    private final String application;
    private final RestorePlan plan;
    private final Ledger ledger;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public LendSearchPath(Connections target, String application, RestorePlan plan) {
        this.target = target;
        this.application = application + "/search-path";
        this.plan = plan;
        this.ledger = Ledger.of(plan);
    }

    /** A function, whose path it gets, and whether values that rows hold are computed with it. */
    private record Function(String signature, String role, boolean computes) {}

    /**
     * Gives it to every function that has none. A role that may not change a function leaves it as it is: what it does
     * then, it does as it can.
     *
     * @return functions with which values were computed that depend on who wrote the rows
     * @throws io.hyperkeep.problem.BackupException when the target cannot be read or changed
     */
    public List<Warning> lend() {
        if (plan.isDataOnly()) {
            // the target is in use, and its functions with it; sessions that import have the path
            return List.of();
        }
        try (Connection connection = open()) {
            boolean timescale = Query.one(
                    connection,
                    "SELECT pg_catalog.to_regclass('_timescaledb_catalog.dimension') IS NOT NULL",
                    row -> row.getBoolean(1));
            List<Function> functions = Query.list(
                    connection,
                    FUNCTIONS.formatted(timescale ? PARTITIONING : ""),
                    row -> new Function(row.getString(1), row.getString(2), row.getBoolean(3)));
            if (functions.isEmpty()) {
                return List.of();
            }
            SearchPaths paths = SearchPaths.read(connection, plan);
            Set<String> lent = ledger.done(connection);
            connection.setAutoCommit(false);
            for (Function function : functions) {
                String path = PropertiesSql.elements(paths.of(function.role())).stream()
                        .map(Identifiers::literal)
                        .collect(Collectors.joining(", "));
                if (!path.isEmpty() && !lent.contains(ITEM + function.signature())) {
                    lend(connection, function.signature(), path);
                }
            }
            connection.commit();
            return functions.stream()
                    .filter(function -> function.computes() && paths.differ())
                    .map(function -> new Warning(
                            "search-path",
                            "generated columns are computed with function " + function.signature()
                                    + ", which has no search_path of its own, and roles have different ones: in the target it"
                                    + " finds names as sessions of " + function.role()
                                    + " do, whoever wrote the rows; ALTER FUNCTION … SET search_path, in the source, settles"
                                    + " it"))
                    .toList();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at the functions of " + target.address(), e);
        }
    }

    private void lend(Connection connection, String function, String path) throws SQLException {
        Query.execute(connection, "SAVEPOINT lend");
        try {
            ledger.enter(connection, ITEM + function, 0, null, false);
            Query.execute(connection, "ALTER FUNCTION " + function + " SET search_path TO " + path);
        } catch (SQLException e) {
            if (!ServerErrors.isRefusal(e)) {
                throw e;
            }
            Query.execute(connection, "ROLLBACK TO SAVEPOINT lend");
        }
        Query.execute(connection, "RELEASE SAVEPOINT lend");
    }

    /**
     * Takes it back from all that have it on loan.
     *
     * @throws io.hyperkeep.problem.BackupException when the target cannot be read or changed
     */
    public void takeBack() {
        if (plan.isDataOnly()) {
            return;
        }
        try (Connection connection = open()) {
            List<String> lent = new ArrayList<>(ledger.done(connection));
            lent.removeIf(item -> !item.startsWith(ITEM));
            connection.setAutoCommit(false);
            for (String item : lent) {
                Query.execute(connection, "ALTER FUNCTION " + item.substring(ITEM.length()) + " RESET search_path");
                ledger.leave(connection, item);
            }
            connection.commit();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot change the functions of " + target.address() + " back", e);
        }
    }

    /** Event triggers of the users' are not to see it, where the role may say so. */
    private Connection open() throws SQLException {
        Connection connection = target.open(application);
        try {
            Query.execute(
                    connection,
                    "SELECT pg_catalog.set_config(name, 'off', false) FROM pg_catalog.pg_settings"
                            + " WHERE name = 'event_triggers'"
                            + " AND pg_catalog.current_setting('is_superuser')::boolean");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}

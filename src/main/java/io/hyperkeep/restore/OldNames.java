package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.verify.Finding;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Looks in the catalog for restored tables that use a table or sequence of the old name, which is somebody else's: what a
 * name that was not rewritten would come to, where both names exist. PostgreSQL's dependencies know nothing of how the
 * names were rewritten. Pure functions.
 */
final class OldNames {
    private static final String USES = """
            SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), d.refobjid::regclass::text
              FROM pg_catalog.pg_depend d
              LEFT JOIN pg_catalog.pg_attrdef a ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.oid = d.objid
              LEFT JOIN pg_catalog.pg_constraint c ON d.classid = 'pg_catalog.pg_constraint'::regclass AND c.oid = d.objid
              LEFT JOIN pg_catalog.pg_trigger t ON d.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.objid
              LEFT JOIN pg_catalog.pg_policy p ON d.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = d.objid
              LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
             WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
               AND d.refobjid IN (SELECT to_regclass(old) FROM unnest(?::text[]) AS old)
               AND coalesce(a.adrelid, c.conrelid, t.tgrelid, p.polrelid, r.ev_class)
                   IN (SELECT to_regclass(target) FROM unnest(?::text[]) AS target)
             ORDER BY 1
            """;

    private OldNames() {}

    /** Every use that there is. */
    static List<Finding> uses(Connection connection, RestorePlan plan) throws SQLException {
        return Query.list(
                connection,
                USES,
                row -> new Finding(row.getString(1), "uses " + row.getString(2) + ", which was not restored"),
                array(connection, plan.names().renamed()),
                array(connection, plan.targets().stream().map(TableEntry::name).toList()));
    }

    private static Array array(Connection connection, List<TableName> names) throws SQLException {
        return connection.createArrayOf(
                "text", names.stream().map(Identifiers::quote).toArray());
    }
}

package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Finds the schemas that hold the ledger of a restore that has not ended. A schema is one by the columns of its tables;
 * a user's schema may have the same name. Thread-safe: it has no state.
 */
public final class RestoreLedgers {
    /** What such a schema is called; with a number after it where the name is taken. */
    public static final String SCHEMA = "hyperkeep";

    /** Oids of such schemas. */
    public static final String OIDS = """
            SELECT lc.relnamespace FROM pg_catalog.pg_class lc
              JOIN pg_catalog.pg_namespace ln ON ln.oid = lc.relnamespace
              JOIN pg_catalog.pg_attribute la ON la.attrelid = lc.oid AND la.attnum > 0 AND NOT la.attisdropped
             WHERE ln.nspname::text ~ '^hyperkeep(_[0-9]+)?$' AND lc.relkind = 'r'
               AND lc.relname IN ('restore', 'ledger')
             GROUP BY lc.relnamespace
            HAVING string_agg(lc.relname::text || '.' || la.attname::text, ' '
                              ORDER BY lc.relname::text COLLATE "C", la.attnum)
                   = 'ledger.backup ledger.item ledger.rows ledger.digest ledger.at'
                     || ' restore.backup restore.selection restore.started'""";

    private RestoreLedgers() {}

    /** The names of such schemas in this database; there is none but during a restore, or after one that failed. */
    public static List<String> schemas(Connection connection) throws SQLException {
        return Query.list(
                connection,
                "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid IN (" + OIDS + ") ORDER BY n.nspname",
                row -> row.getString(1));
    }
}

package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Names what pg_dump writes no statement for, because there is none: a backup of no kind carries it. Thread-safe: it has
 * no state.
 */
public final class DiscoverUndumped {
    /**
     * Looks.
     *
     * @param selected which tables are backed up
     */
    public List<Warning> run(Connection connection, Predicate<TableName> selected) throws SQLException {
        List<Warning> warnings = new ArrayList<>();
        // chunks and partitions have it from their parent
        Query.list(connection, """
                        WITH dangling AS (
                               SELECT c.oid, c.relnamespace, c.relname FROM pg_catalog.pg_class c
                                WHERE c.relkind IN ('r', 'p') AND c.relreplident = 'i' AND NOT EXISTS (
                                      SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident))
                        SELECT n.nspname::text, d.relname::text
                          FROM dangling d JOIN pg_catalog.pg_namespace n ON n.oid = d.relnamespace
                         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN dangling p ON p.oid = i.inhparent
                                            WHERE i.inhrelid = d.oid)
                         ORDER BY 1, 2
                        """, row -> new TableName(row.getString(1), row.getString(2))).stream()
                .filter(selected)
                .forEach(
                        table -> warnings.add(
                                new Warning(
                                        "replica-identity",
                                        "the replica identity of table " + table
                                                + " is an index that was dropped, which is not in the backup: the restored table has the default"
                                                + " replica identity; ALTER TABLE ... REPLICA IDENTITY gives it one that a backup has")));
        Query.list(
                        connection,
                        """
                        SELECT n.nspname::text, format('%s(%s)', o.oprname, concat_ws(', ',
                                   CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END,
                                   pg_catalog.format_type(o.oprright, NULL))), o.oprowner::pg_catalog.regrole::text
                          FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
                         WHERE o.oprcode::pg_catalog.oid = 0::pg_catalog.oid AND NOT EXISTS (
                               SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass
                                  AND d.objid = o.oid AND d.deptype = 'e')
                         ORDER BY 1, 2
                        """,
                        row -> "operator " + row.getString(1) + "." + row.getString(2)
                                + " has no function: another operator names it, and it was never defined; that it belongs to "
                                + row.getString(3) + " is not in the backup")
                .forEach(text -> warnings.add(new Warning("undefined-operator", text)));
        return warnings;
    }
}

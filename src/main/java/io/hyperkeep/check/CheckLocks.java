package io.hyperkeep.check;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.TableSelection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Looks for locks that a backup would wait for, before anything else does: even the size of a table can not be read
 * while somebody holds ACCESS EXCLUSIVE on it.
 */
final class CheckLocks {
    /** EXCLUSIVE and ACCESS EXCLUSIVE are what ROW SHARE conflicts with; a chunk's table is its parent. */
    private static final String LOCKS = """
            SELECT coalesce('session ' || l.pid::text || ' (' || coalesce(a.usename, '?')
                            || coalesce(', ' || nullif(a.application_name, ''), '') || ')', 'a prepared transaction')
                   || CASE WHEN l.granted THEN ' holds' ELSE ' waits for' END,
                   l.mode = 'AccessExclusiveLock', coalesce(pn.nspname, n.nspname), coalesce(p.relname, c.relname)
              FROM pg_catalog.pg_locks l
              JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
              LEFT JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
              LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
              LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'relation' AND l.mode IN ('ExclusiveLock', 'AccessExclusiveLock')
               AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
               AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
               AND l.pid IS DISTINCT FROM pg_backend_pid()
             ORDER BY l.pid, 1""";

    private record Lock(String who, boolean accessExclusive, TableName table) {}

    List<Finding> run(Connection connection, TableSelection selection) throws SQLException {
        Map<String, TreeSet<String>> tables = new LinkedHashMap<>();
        Query.list(
                        connection,
                        LOCKS,
                        row -> new Lock(
                                row.getString(1), row.getBoolean(2), new TableName(row.getString(3), row.getString(4))))
                .stream()
                // the catalogs of all tables are read, whichever are selected
                .filter(lock -> lock.accessExclusive() || selection.selects(lock.table()))
                .forEach(lock -> tables.computeIfAbsent(
                                lock.who() + (lock.accessExclusive() ? " ACCESS EXCLUSIVE on " : " EXCLUSIVE on "),
                                key -> new TreeSet<>())
                        .add(lock.table().toString()));
        return tables.isEmpty()
                ? List.of(Finding.ok("locks", "nobody holds or awaits a lock that a backup would wait for"))
                : List.of(Finding.warning(
                        "locks",
                        Listed.names(tables.entrySet().stream()
                                .map(held -> held.getKey() + Listed.names(List.copyOf(held.getValue())))
                                .toList()),
                        "a backup waits for the end of that transaction, at most --lock-timeout, and then fails."));
    }
}

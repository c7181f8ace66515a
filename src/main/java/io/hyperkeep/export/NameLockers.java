package io.hyperkeep.export;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Finds out which sessions are in the way of locks that were not had in time. */
final class NameLockers {
    private static final int LISTED = 3;

    private final Connections connections;
    private final String run;

    /** @param run what the sessions' application names begin with */
    NameLockers(Connections connections, String run) {
        this.connections = connections;
        this.run = run;
    }

    /** The same failure with the sessions' names, as far as they are still there. */
    BackupException in(BackupException failure, List<TableName> tables) {
        try (Connection connection = connections.open("hyperkeep/" + run + "/discover")) {
            String[] names = tables.stream().map(Identifiers::quote).toArray(String[]::new);
            // whoever only waits for such a lock stands before us too
            List<String> lockers = Query.list(connection, """
                    WITH RECURSIVE asked AS (SELECT to_regclass(name)::oid AS oid FROM unnest(?::text[]) AS name
                                             UNION
                                             SELECT i.inhrelid FROM pg_catalog.pg_inherits i
                                               JOIN asked a ON a.oid = i.inhparent)
                    SELECT DISTINCT ON (s.pid)
                           format('%s is locked by session %s (%s%s)', l.relation::regclass, s.pid, s.usename,
                                  coalesce(', ' || nullif(s.application_name, ''), ''))
                      FROM pg_catalog.pg_locks l
                      JOIN asked a ON a.oid = l.relation
                      JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = current_database()
                      JOIN pg_catalog.pg_stat_activity s ON s.pid = l.pid
                     WHERE l.mode IN ('ExclusiveLock', 'AccessExclusiveLock')
                     ORDER BY s.pid, l.granted DESC
                    """, row -> row.getString(1), (Object) names);
            if (lockers.isEmpty()) {
                return failure;
            }
            String more = lockers.size() > LISTED ? "; and " + (lockers.size() - LISTED) + " more" : "";
            return new BackupException(
                    failure.problem(),
                    failure.getMessage() + "; "
                            + String.join("; ", lockers.subList(0, Math.min(LISTED, lockers.size()))) + more,
                    failure.hint(),
                    failure.getCause());
        } catch (SQLException | BackupException e) {
            // who it was would have been good to know; that it failed is what counts
            return failure;
        }
    }
}

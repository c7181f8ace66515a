package io.hyperkeep.check;

import io.hyperkeep.database.Query;
import io.hyperkeep.problem.Problem;
import java.sql.SQLException;
import java.util.List;

/** Compares the connections that a backup opens with those that the server, the database and the role have left. */
final class CheckSessions implements Check {
    /** The workers and: the advisory lock, the holder of the snapshot, the watch, and pg_dump. */
    private static final int BESIDE_WORKERS = 4;

    private record Left(long connections, String of, boolean certain) {}

    @Override
    public List<Finding> run(Subject subject) throws SQLException {
        int needed = subject.request().jobs() + BESIDE_WORKERS;
        Left least = least(subject);
        String what = "a backup with " + Listed.count(subject.request().jobs(), "job") + " opens " + needed
                + " connections, " + (least.certain() ? "" : "at least ") + Math.max(0, least.connections())
                + " are left of " + least.of();
        if (needed <= least.connections()) {
            return List.of(Finding.ok("connections", what));
        }
        String hint = "raise that limit, end idle sessions, or run with fewer --jobs.";
        return List.of(
                least.certain()
                        ? Finding.error("connections", Problem.UNREACHABLE, what, hint)
                        : Finding.warning(
                                "connections", what, hint + " Which sessions are clients' only pg_monitor sees."));
    }

    private static Left least(Subject subject) throws SQLException {
        // others' kind of backend is hidden from ordinary roles: what is unknown counts as a client's
        return Query.list(
                        subject.connection(), """
                        WITH client AS (
                          SELECT datname, usename FROM pg_catalog.pg_stat_activity
                           WHERE coalesce(backend_type, 'client backend') = 'client backend'
                             AND datname IS NOT NULL AND usename IS NOT NULL AND pid <> pg_backend_pid()),
                        me AS (SELECT rolsuper, rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = current_user),
                        general AS (
                          SELECT current_setting('max_connections')::bigint
                                 - CASE WHEN rolsuper THEN 0
                                        ELSE current_setting('superuser_reserved_connections')::bigint
                                             + coalesce(current_setting('reserved_connections', true), '0')::bigint END
                                 AS most FROM me)
                        SELECT most - (SELECT count(*) FROM client), 'max_connections', pg_has_role('pg_read_all_stats', 'USAGE') FROM general
                        UNION ALL
                        SELECT rolconnlimit - (SELECT count(*) FROM client WHERE usename = current_user),
                               'the role''s CONNECTION LIMIT', true
                          FROM me WHERE rolconnlimit >= 0 AND NOT rolsuper
                        UNION ALL
                        SELECT datconnlimit - (SELECT count(*) FROM client WHERE datname = current_database()),
                               'the database''s CONNECTION LIMIT',
                               pg_has_role('pg_read_all_stats', 'USAGE')
                          FROM pg_catalog.pg_database, me
                         WHERE pg_database.datname = current_database() AND datconnlimit >= 0 AND NOT rolsuper
                         ORDER BY 1
                        """, row -> new Left(row.getLong(1), row.getString(2), row.getBoolean(3)))
                .get(0);
    }
}

package io.hyperkeep.check;

import io.hyperkeep.database.Query;
import io.hyperkeep.export.WaitForJobs;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Looks at what others are doing right now: jobs, locks on the selected tables, long and prepared transactions. */
final class CheckActivity implements Check {
    private static final Duration SOON = Duration.ofMinutes(10);
    private static final Duration LONG = Duration.ofHours(1);

    @Override
    public List<Finding> run(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(jobs(subject));
        findings.addAll(locks(subject));
        findings.addAll(transactions(subject));
        findings.addAll(prepared(subject));
        return findings;
    }

    private static List<Finding> jobs(Subject subject) throws SQLException {
        if (!subject.server().hasTimescale()) {
            return List.of();
        }
        List<String> running = WaitForJobs.running(subject.connection());
        List<String> due = WaitForJobs.due(subject.connection(), SOON);
        List<Finding> findings = new ArrayList<>();
        if (!running.isEmpty()) {
            findings.add(Finding.ok("jobs", "running, a backup waits for them: " + Listed.names(running)));
        }
        if (!due.isEmpty()) {
            findings.add(Finding.ok("jobs", "due within ten minutes, and may wait for a backup: " + Listed.names(due)));
        }
        return findings.isEmpty() ? List.of(Finding.ok("jobs", "none is running or due within ten minutes")) : findings;
    }

    /** EXCLUSIVE and ACCESS EXCLUSIVE are what ROW SHARE conflicts with. */
    private static List<Finding> locks(Subject subject) throws SQLException {
        List<String> holders =
                Query.list(subject.connection(), """
                SELECT format('%s %s %s lock on %s.%s',
                              coalesce('session ' || l.pid || ' (' || a.usename
                                       || coalesce(', ' || nullif(a.application_name, ''), '') || ')',
                                       'a prepared transaction'),
                              CASE WHEN bool_and(l.granted) THEN 'holds' ELSE 'waits for' END,
                              CASE l.mode WHEN 'ExclusiveLock' THEN 'an EXCLUSIVE' ELSE 'an ACCESS EXCLUSIVE' END,
                              min(n.nspname), min(c.relname))
                       || CASE WHEN count(*) > 1 THEN format(' and %s more', count(*) - 1) ELSE '' END
                  FROM pg_catalog.pg_locks l
                  JOIN pg_catalog.pg_class c ON c.oid = l.relation
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                 WHERE l.locktype = 'relation' AND l.relation = ANY (?)
                   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                   AND l.mode IN ('ExclusiveLock', 'AccessExclusiveLock') AND l.pid IS DISTINCT FROM pg_backend_pid()
                 GROUP BY l.pid, a.usename, a.application_name, l.mode, l.granted
                 ORDER BY l.pid
                """, row -> row.getString(1), (Object) subject.lockedOids());
        return holders.isEmpty()
                ? List.of(Finding.ok("locks", "nobody holds or awaits a lock that a backup would wait for"))
                : List.of(Finding.warning(
                        "locks",
                        Listed.names(holders),
                        "a backup waits for the end of that transaction, at most --lock-timeout, and then fails."));
    }

    private static List<Finding> transactions(Subject subject) throws SQLException {
        List<String> old = Query.list(subject.connection(), """
                SELECT format('session %s (%s%s), since %s', pid, usename,
                              coalesce(', ' || nullif(application_name, ''), ''),
                              to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
                  FROM pg_catalog.pg_stat_activity
                 WHERE datname = current_database() AND xact_start < now() - make_interval(secs => ?)
                   AND pid <> pg_backend_pid()
                 ORDER BY xact_start
                """, row -> row.getString(1), LONG.toSeconds());
        return old.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        "transactions",
                        "in a transaction for more than an hour: " + Listed.names(old),
                        "what it locked it keeps until its end, and rows written since it began are exported again by"
                                + " the next backup: end it if nobody needs it."));
    }

    private static List<Finding> prepared(Subject subject) throws SQLException {
        List<String> prepared = Query.list(subject.connection(), """
                SELECT format('''%s'' of %s, since %s', gid, owner,
                              to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
                  FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared
                """, row -> row.getString(1));
        return prepared.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        "prepared",
                        "prepared transactions, which hold their locks until somebody ends them: "
                                + Listed.names(prepared),
                        "COMMIT PREPARED or ROLLBACK PREPARED those that were forgotten."));
    }
}

package io.hyperkeep.check;

import io.hyperkeep.database.Query;
import io.hyperkeep.export.WaitForJobs;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Looks at what others are doing right now: jobs, long and prepared transactions. */
final class CheckActivity implements Check {
    private static final Duration SOON = Duration.ofMinutes(10);

    private final Duration longTransaction;

    CheckActivity() {
        this(Duration.ofHours(1));
    }

    /** @param longTransaction how old a transaction must be to be named */
    CheckActivity(Duration longTransaction) {
        this.longTransaction = longTransaction;
    }

    @Override
    public List<Finding> run(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(jobs(subject));
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

    private List<Finding> transactions(Subject subject) throws SQLException {
        // what has no user is autovacuum, which gives way to whoever wants its lock
        List<String> old = Query.list(subject.connection(), """
                SELECT format('session %s (%s%s), since %s', pid, usename,
                              coalesce(', ' || nullif(application_name, ''), ''),
                              to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
                  FROM pg_catalog.pg_stat_activity
                 WHERE datname = current_database() AND xact_start < now() - make_interval(secs => ?)
                   AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
                 ORDER BY xact_start
                """, row -> row.getString(1), longTransaction.toSeconds());
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

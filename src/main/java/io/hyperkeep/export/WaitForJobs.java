package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ServerCapabilities;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lets TimescaleDB's own running jobs (compression, retention, reorder, users' own) end before tables are locked, so
 * that none of them queues up behind the backup and others behind it.
 */
public final class WaitForJobs {
    private static final long POLL_MILLIS = 500;
    private static final Duration SOON = Duration.ofMinutes(5);

    /**
     * A job that has begun and not ended. Not {@code timescaledb_information.job_stats}: it looks into pg_stat_activity,
     * which shows the state of others' sessions only to members of pg_read_all_stats.
     */
    private static final String RUNNING = "(s.last_start > '-infinity' AND s.last_finish = '-infinity')";

    private final Consumer<String> notices;

    /** @param notices told what is waited for, and which jobs are due soon */
    public WaitForJobs(Consumer<String> notices) {
        this.notices = notices;
    }

    /**
     * Waits until no job runs, at most for the given time; then the locks' own timeout decides.
     *
     * @param connection in auto-commit mode
     */
    public void run(Connection connection, ServerCapabilities server, Duration atMost) throws SQLException {
        if (!server.hasTimescale()) {
            return;
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        List<String> running = running(connection);
        if (!running.isEmpty()) {
            notices.accept("waiting up to " + atMost.toSeconds() + " s for running jobs to end: "
                    + String.join(", ", running));
        }
        while (!running.isEmpty() && System.nanoTime() < deadline) {
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            running = running(connection);
        }
        List<String> soon = due(connection, SOON);
        if (!soon.isEmpty()) {
            notices.accept("due within five minutes, and may wait for the backup: " + String.join(", ", soon));
        }
    }

    /** Names the jobs that run now; TimescaleDB must be in the database. */
    public static List<String> running(Connection connection) throws SQLException {
        return jobs(connection, RUNNING);
    }

    /**
     * Names the jobs that start within the given time, and those that are overdue; TimescaleDB must be in the database.
     */
    public static List<String> due(Connection connection, Duration within) throws SQLException {
        return jobs(
                connection,
                "j.scheduled AND NOT coalesce(" + RUNNING
                        + ", false) AND coalesce(s.next_start, now()) <= now() + interval '" + within.toSeconds()
                        + " seconds'");
    }

    /** Jobs below 1000 are TimescaleDB's own and touch no user's table; refreshes only write rows, as others may. */
    private static List<String> jobs(Connection connection, String which) throws SQLException {
        return Query.list(connection, """
                SELECT format('job %%s (%%s%%s)', j.job_id, j.application_name,
                              coalesce(' on ' || j.hypertable_schema || '.' || j.hypertable_name, ''))
                  FROM timescaledb_information.jobs j
                  LEFT JOIN _timescaledb_internal.bgw_job_stat s ON s.job_id = j.job_id
                 WHERE j.job_id >= 1000 AND j.proc_name <> 'policy_refresh_continuous_aggregate' AND %s
                 ORDER BY j.job_id
                """.formatted(which), row -> row.getString(1));
    }
}

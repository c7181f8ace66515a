package io.hyperkeep.archive;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Waits for TimescaleDB's scheduler of a database: a server that has no worker process left does not start one, and says
 * so nowhere but in its log. Not thread-safe.
 */
public final class AwaitScheduler {
    /** Longer than TimescaleDB's launcher needs when it has a worker for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final long POLL_MILLIS = 100;

    private final Connections target;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows */
    public AwaitScheduler(Connections target, String application) {
        this.target = target;
        this.application = application;
    }

    /** Waits; the warning when it does not run. */
    public List<Warning> run() throws InterruptedException {
        try (Connection connection = target.open(application)) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!runs(connection)) {
                if (System.nanoTime() > deadline) {
                    return List.of(new Warning(
                            "no-scheduler",
                            "TimescaleDB's scheduler does not run in database "
                                    + target.address().database()
                                    + ", so none of its policies and jobs does: the server may have no worker process"
                                    + " left, see timescaledb.max_background_workers and max_worker_processes"));
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            return List.of();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    private static boolean runs(Connection connection) throws SQLException {
        return Query.one(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE datname = current_database()"
                        + " AND backend_type LIKE 'TimescaleDB%Scheduler')",
                row -> row.getBoolean(1));
    }
}

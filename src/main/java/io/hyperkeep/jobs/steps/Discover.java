package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoverUncarried;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.export.OpenSnapshot;
import io.hyperkeep.export.SnapshotSessions;
import io.hyperkeep.export.WaitForJobs;
import io.hyperkeep.export.WatchSessions;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.SelectTables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the tables, locks them, takes the snapshot, and reads in it what there is. */
public final class Discover implements Phase<BackupAttempt> {
    private static final Logger log = LoggerFactory.getLogger(Discover.class);

    private static final long WATCH_SECONDS = 2;

    private final DiscoverDatabase discover = new DiscoverDatabase();

    @Override
    public void run(BackupAttempt attempt) {
        BackupPlan plan = attempt.plan();
        String run = String.valueOf(attempt.run());
        try (Connection scout = attempt.connections().open("hyperkeep/" + run + "/discover", plan.lockTimeout())) {
            ServerCapabilities server = ServerCapabilities.of(scout);
            List<TableName> tables =
                    SelectTables.select(plan.selection(), discover.tableNames(scout, server), "the database");
            new WaitForJobs(log::info).run(scout, server, plan.lockTimeout());
            SnapshotSessions sessions = attempt.closing(new OpenSnapshot(attempt.connections(), run, log::info)
                    .run(tables, plan.lock(), plan.lockTimeout(), plan.jobs()));
            Inventory inventory =
                    sessions.withHolder(holder -> discover.inventory(holder, server, plan.selection()::selects));
            attempt.warn(sessions.withHolder(
                    holder -> new DiscoverUncarried().run(holder, server, plan.selection()::selects)));
            attempt.discovered(new BackupAttempt.Source(server, sessions, inventory));
            attempt.closing(watch(attempt, sessions));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }

    private static AutoCloseable watch(BackupAttempt attempt, SnapshotSessions sessions) throws SQLException {
        WatchSessions watch = new WatchSessions(
                attempt.connections().open("hyperkeep/" + attempt.run() + "/watch"), sessions.backendPids(), log::info);
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread watching = new Thread(work, "watch");
            watching.setDaemon(true);
            return watching;
        });
        thread.scheduleWithFixedDelay(() -> look(attempt, watch), WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
        return () -> {
            thread.shutdownNow();
            watch.close();
        };
    }

    private static void look(BackupAttempt attempt, WatchSessions watch) {
        try {
            if (!watch.tick()) {
                // whoever still reads would go on for hours and then not be sealed
                attempt.abort(SnapshotSessions.lost(null));
            }
        } catch (SQLException e) {
            log.debug("could not look after the sessions", e);
        }
    }
}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.AggregateColumnRights;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.discovery.DiscoverUncarried;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ReadableNames;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.TableList;
import io.hyperkeep.export.OpenSnapshot;
import io.hyperkeep.export.SnapshotSessions;
import io.hyperkeep.export.WaitForJobs;
import io.hyperkeep.export.WatchSessions;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.jobs.RunFields;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.PlanChunkProperties;
import io.hyperkeep.plan.PlanMaterializations;
import io.hyperkeep.plan.SelectTables;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the tables, locks them, takes the snapshot, and reads in it what there is. */
public final class Discover implements Phase<BackupAttempt> {
    private static final Logger log = LoggerFactory.getLogger(Discover.class);

    private static final long WATCH_SECONDS = 2;
    private static final int MOST_TRIES = 5;

    private final DiscoverDatabase discover = new DiscoverDatabase();

    @Override
    public void run(BackupAttempt attempt) {
        BackupPlan plan = attempt.plan();
        String run = String.valueOf(attempt.run());
        try (Connection scout = attempt.connections().open("hyperkeep/" + run + "/discover", plan.lockTimeout())) {
            ReadableNames.require(scout);
            ServerCapabilities server = ServerCapabilities.of(scout);
            new WaitForJobs(log::info).run(scout, server, plan.lockTimeout());
            OpenSnapshot open = new OpenSnapshot(attempt.connections(), run, log::info);
            Locked locked = lock(attempt, open, scout, server);
            SnapshotSessions sessions = locked.sessions();
            Inventory inventory = locked.inventory();
            attempt.warn(locked.warnings());
            if (plan.kind() == BackupKind.TABLES) {
                attempt.warn(sessions.withHolder(
                        holder -> new DiscoverUncarried().run(holder, server, plan.selection()::selects)));
                attempt.warn(PlanChunkProperties.notCarried(inventory.tables()));
                attempt.warn(PlanMaterializations.notCarried(
                        inventory,
                        server.hasTimescale() ? sessions.withHolder(new AggregateColumnRights()::read) : Map.of()));
                attempt.has(sessions.withHolder(new DiscoverProperties()::read));
            }
            attempt.discovered(new BackupAttempt.Source(server, sessions, inventory));
            attempt.closing(watch(attempt, sessions));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }

    /** Sessions, and what there is in their snapshot. */
    private record Locked(SnapshotSessions sessions, Inventory inventory, List<Warning> warnings) {}

    /**
     * Locks and looks, again when a table came or got its name between the list and the snapshot: nothing would keep
     * such a table still.
     */
    private Locked lock(BackupAttempt attempt, OpenSnapshot open, Connection scout, ServerCapabilities server)
            throws SQLException {
        BackupPlan plan = attempt.plan();
        for (int tries = 1; ; tries++) {
            TableList there = discover.tables(scout, server);
            List<TableName> tables = SelectTables.select(
                            plan.selection(), there.tables(), there.aggregates(), "the database")
                    .tables();
            boolean whole = plan.kind() == BackupKind.DATABASE;
            List<TableName> locked = whole ? discover.dumpedTables(scout) : there.relations(tables);
            SnapshotSessions sessions = attempt.closing(open.run(locked, plan.lock(), plan.lockTimeout(), plan.jobs()));
            TableList seen = sessions.withHolder(holder -> discover.tables(holder, server));
            SelectTables.Selected selected = SelectTables.resolve(plan.selection(), seen.tables(), seen.aggregates());
            Inventory inventory = sessions.withHolder(
                    holder -> discover.inventory(holder, server, Set.copyOf(selected.tables())::contains));
            List<TableName> found =
                    inventory.tables().stream().map(DiscoveredTable::name).toList();
            List<TableName> late =
                    whole ? missing(locked, sessions.withHolder(discover::dumpedTables)) : missing(tables, found);
            // light has no locks that could be missing
            if (late.isEmpty() || plan.lock() == LockMode.LIGHT) {
                requireAskedFor(plan, tables, found);
                return new Locked(sessions, inventory, selected.warnings("in the backup"));
            }
            sessions.close();
            if (tries == MOST_TRIES) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "tables were created faster than they could be locked, the last ones "
                                + late.stream().map(TableName::toString).collect(Collectors.joining(", ")),
                        "run the backup when that is over, leave them out with --exclude, or use --lock light");
            }
            log.info("table {} was created before the snapshot and is not locked: locking anew", late.get(0));
        }
    }

    private static List<TableName> missing(List<TableName> listed, List<TableName> found) {
        Set<TableName> known = Set.copyOf(listed);
        return found.stream().filter(name -> !known.contains(name)).toList();
    }

    /** Without locks, what was asked for by name may have been dropped since it was listed. */
    private static void requireAskedFor(BackupPlan plan, List<TableName> listed, List<TableName> found) {
        TableSelection asked = new TableSelection(plan.selection().include(), List.of());
        List<String> gone = new ArrayList<>(asked.unmatched(found));
        gone.removeAll(asked.unmatched(listed));
        if (!gone.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the tables of pattern " + gone.get(0) + " were dropped just before the snapshot",
                    "run the backup again, without that pattern if they stay dropped");
        }
    }

    private static AutoCloseable watch(BackupAttempt attempt, SnapshotSessions sessions) throws SQLException {
        WatchSessions watch = new WatchSessions(
                attempt.connections().open("hyperkeep/" + attempt.run() + "/watch"), sessions::backendPids, log::info);
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread watching = new Thread(work, "watch");
            watching.setDaemon(true);
            return watching;
        });
        thread.scheduleWithFixedDelay(
                RunFields.carried(() -> look(attempt, watch)), WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
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

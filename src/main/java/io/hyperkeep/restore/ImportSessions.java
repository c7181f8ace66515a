package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.EndSessions;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The connections that import units of one restore, and the units that are not in the target yet.
 *
 * <p>Thread-safe: each unit is imported by one thread, over a connection that nobody else uses meanwhile.
 */
public final class ImportSessions implements AutoCloseable {
    private final Target target;
    private final Map<String, PlannedUnit> units;
    private final List<CopyIn> hands;
    private final BlockingQueue<CopyIn> idle;
    private final RunProgress progress;
    /** Server processes of the tries that failed last, by units' ids. */
    private final Map<String, Integer> failed = new ConcurrentHashMap<>();

    /** Units to import again after all others, and why. */
    private final Map<String, BackupException> aside = Collections.synchronizedMap(new LinkedHashMap<>());

    /** Where units go, and who knows which of them are there. */
    private record Target(Connections connections, String application, Ledger ledger) {
        Connection open() {
            return connections.open(application + "/import");
        }
    }

    private ImportSessions(Target target, Map<String, PlannedUnit> units, List<CopyIn> hands, RunProgress progress) {
        this.target = target;
        this.units = units;
        this.progress = progress;
        this.hands = List.copyOf(hands);
        this.idle = new LinkedBlockingQueue<>(hands);
    }

    /**
     * Opens the connections and asks the target's ledger what is there already.
     *
     * @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12}
     * @param jobs number of connections
     * @throws io.hyperkeep.problem.BackupException as connections and statements fail; then nothing stays open
     */
    public static ImportSessions open(
            BackupFolder backup,
            Connections connections,
            String application,
            RunProgress progress,
            RestorePlan plan,
            int jobs) {
        Ledger ledger = Ledger.of(plan);
        List<CopyIn> hands = new ArrayList<>();
        boolean done = false;
        try (Connection connection = connections.open(application + "/import")) {
            ChunkTargets targets = ChunkTargets.read(connection, ServerCapabilities.of(connection), plan);
            SearchPaths ofRoles = SearchPaths.read(connection, plan);
            Map<TableName, String> searchPaths = new HashMap<>();
            plan.targets().forEach(table -> searchPaths.put(table.name(), ofRoles.of(table.owner())));
            Set<String> there = ledger.done(connection);
            Map<String, PlannedUnit> open = new LinkedHashMap<>();
            for (PlannedUnit unit : plan.units()) {
                if (!there.contains(CopyIn.item(unit))) {
                    open.put(unit.unit().id(), unit);
                }
            }
            for (int i = 1; i <= jobs; i++) {
                String name = application + "/import-" + i;
                hands.add(new CopyIn(
                        () -> connections.open(name),
                        ledger,
                        CopyIn.Files.of(backup, plan.manifest().data()),
                        targets,
                        searchPaths,
                        progress));
            }
            ImportSessions sessions =
                    new ImportSessions(new Target(connections, application, ledger), open, hands, progress);
            done = true;
            return sessions;
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot import into " + connections.address(), e);
        } finally {
            if (!done) {
                hands.forEach(CopyIn::close);
            }
        }
    }

    /** Units to import, the one with the most CSV first, by their ids. */
    public Map<String, PlannedUnit> units() {
        return units;
    }

    /** The ids of the units to import, in their order, now that they are begun. */
    public Collection<String> begin() {
        progress.expect(
                units.size(), units.values().stream().mapToLong(CopyIn::weight).sum());
        return units.keySet();
    }

    /**
     * Imports one unit; when this returns, its rows are in the target, counted, together with the ledger's row. May be
     * called again for a unit that failed: over another session, and only when the failed try was not committed after
     * all.
     *
     * @param id one of {@link #units()}
     * @throws io.hyperkeep.problem.BackupException MISMATCH when the server took another number of rows than the unit
     *     has, DAMAGED when its file can not be decompressed, and as statements fail; then nothing of it is there, unless
     *     the connection was lost while the server committed
     * @throws InterruptedException when interrupted
     */
    public void run(String id) throws InterruptedException {
        PlannedUnit unit = units.get(id);
        Integer former = failed.get(id);
        if (former != null && isThere(unit, former)) {
            progress.unitDone(CopyIn.weight(unit));
            return;
        }
        CopyIn hand = idle.take();
        boolean done = false;
        try {
            hand.work(unit);
            done = true;
        } finally {
            if (!done) {
                failed.put(id, hand.backend());
            }
            idle.add(hand);
        }
    }

    /**
     * Puts a unit aside that the target refused for a reason that may go away with the rows of other tables: PostgreSQL takes
     * any function in a CHECK, also one that reads another table.
     *
     * @return false when its failure has another reason
     */
    public boolean putAside(String id, BackupException failure) {
        if (!ServerErrors.isRefusedByCheck(failure)) {
            return false;
        }
        aside.put(id, failure);
        return true;
    }

    /** What was put aside, and why, in the order in which it was; nothing is aside afterwards. */
    public Map<String, BackupException> takeAside() {
        synchronized (aside) {
            Map<String, BackupException> taken = new LinkedHashMap<>(aside);
            aside.clear();
            return taken;
        }
    }

    /** Whether a try that seemed to fail was committed: asked when its session can no longer do so. */
    private boolean isThere(PlannedUnit unit, int former) {
        try (Connection connection = target.open()) {
            EndSessions.one(connection, former, target.application() + "/import-");
            return target.ledger().isDone(connection, CopyIn.item(unit));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the ledger of " + target.connections().address(), e);
        }
    }

    /**
     * Makes sure that every unit is in the target for good. Units are committed without waiting for the server's disk: a
     * server that crashed, and that the retries of other units outlived, may have forgotten some.
     *
     * @param plan whose units
     * @throws BackupException UNREACHABLE and passing, when some were forgotten: a restart imports them
     */
    public void requireAll(RestorePlan plan) {
        try (Connection connection = target.open()) {
            Set<String> done = target.ledger().doneForGood(connection);
            List<PlannedUnit> forgotten = plan.units().stream()
                    .filter(unit -> !done.contains(CopyIn.item(unit)))
                    .toList();
            if (!forgotten.isEmpty()) {
                throw new BackupException(
                        Problem.UNREACHABLE,
                        "the target's server crashed and forgot " + forgotten.size() + " of "
                                + plan.units().size() + " imported units, the first one of "
                                + forgotten.get(0).table(),
                        "restart the restore: it imports what is missing",
                        null,
                        true);
            }
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the ledger of " + target.connections().address(), e);
        }
    }

    /** Cancels what is being imported; safe from any thread. */
    public void cancel() {
        hands.forEach(CopyIn::cancel);
    }

    @Override
    public void close() {
        hands.forEach(CopyIn::close);
    }
}

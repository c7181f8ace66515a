package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Imports every data file that is not in the target yet, several at once, the biggest first.
 *
 * <p>Repeatable: the ledger in the target says what is there. Not thread-safe.
 */
public final class ImportUnits {
    private final BackupFolder backup;
    private final Connections connections;
    private final String application;
    private final RunProgress progress;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public ImportUnits(BackupFolder backup, Connections connections, String application, RunProgress progress) {
        this.backup = backup;
        this.connections = connections;
        this.application = application;
        this.progress = progress;
    }

    /**
     * Imports them; when this returns, every unit's rows are in the target, counted, together with the ledger's row.
     *
     * @param jobs number of connections
     * @return how many units this call imported; the others were there already
     * @throws io.hyperkeep.problem.BackupException MISMATCH when the server took another number of rows than the unit
     *     has, DAMAGED when a file can not be decompressed, and as connections and statements fail; what was committed
     *     before stays for the next attempt
     */
    public int run(RestorePlan plan, int jobs) {
        Ledger ledger = Ledger.of(plan);
        try (Connection connection = connections.open(application + "/import")) {
            ChunkTargets targets = ChunkTargets.read(connection, ServerCapabilities.of(connection), plan);
            Set<String> done = ledger.done(connection);
            List<PlannedUnit> open = plan.units().stream()
                    .filter(unit -> !done.contains(CopyIn.item(unit)))
                    .toList();
            progress.expect(
                    plan.units().size(),
                    plan.units().stream().mapToLong(ImportUnits::weight).sum());
            plan.units().stream()
                    .filter(unit -> done.contains(CopyIn.item(unit)))
                    .forEach(unit -> progress.unitDone(weight(unit)));
            Crew.work(
                    "import",
                    jobs,
                    open,
                    () -> new CopyIn(
                            connections.open(application + "/import"),
                            ledger,
                            CopyIn.Files.of(backup, plan.manifest().data()),
                            targets,
                            progress));
            return open.size();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot import into " + connections.address(), e);
        }
    }

    static long weight(PlannedUnit unit) {
        return unit.unit().csvBytes();
    }
}

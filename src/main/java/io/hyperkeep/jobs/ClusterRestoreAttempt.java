package io.hyperkeep.jobs;

import io.hyperkeep.cluster.SealCluster;
import io.hyperkeep.database.Connections;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.restore.RestoredJobs;
import io.hyperkeep.runs.RunProgress;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the steps of one restore of a cluster hand to each other; each field is set by the step that its comment names. */
public final class ClusterRestoreAttempt extends RestoreAttempt {
    private final PartRuns parts;

    // read-manifest
    private volatile @Nullable Manifest manifest;
    private volatile Map<String, Cluster.Database> units = Map.of();
    // databases
    private final Map<String, Totals> restored = new ConcurrentHashMap<>();
    private final Map<String, RestoredJobs> jobs = new ConcurrentHashMap<>();
    private final Map<String, String> failed = new ConcurrentHashMap<>();

    ClusterRestoreAttempt(
            RestoreRequest request,
            Connections connections,
            RunProgress progress,
            @Nullable Long restarts,
            PartRuns parts) {
        super(request, connections, progress, restarts);
        this.parts = parts;
    }

    /** Runs the databases' own restores. */
    public PartRuns parts() {
        return parts;
    }

    public void read(Manifest of, List<Cluster.Database> databases) {
        Map<String, Cluster.Database> byUnit = new LinkedHashMap<>();
        databases.forEach(database -> byUnit.put(String.valueOf(byUnit.size() + 1), database));
        this.units = byUnit;
        this.manifest = of;
    }

    public Manifest manifest() {
        return Objects.requireNonNull(manifest, "read-manifest comes first");
    }

    public Cluster cluster() {
        return Objects.requireNonNull(manifest().cluster(), "a backup of a cluster");
    }

    /** The databases to restore, by the ids of their units. */
    public Map<String, Cluster.Database> databases() {
        return units;
    }

    /** The ids of the databases' units in their order, now that they are begun. */
    Collection<String> beginDatabases() {
        return units.keySet();
    }

    /** A database was restored, now or by an earlier attempt. */
    public void restored(String unit, Totals totals, @Nullable RestoredJobs on) {
        restored.put(unit, totals);
        if (on != null) {
            jobs.put(unit, on);
        }
    }

    /** A database could not be restored. */
    public void notRestored(String unit, String why) {
        failed.put(unit, why);
    }

    /** Why databases could not be restored, by the ids of their units. */
    public Map<String, String> notRestored() {
        return Map.copyOf(failed);
    }

    /** What became of each database so far. */
    List<RunOutcome.DatabaseOutcome> outcomes() {
        return units.entrySet().stream()
                .filter(unit -> restored.containsKey(unit.getKey()) || failed.containsKey(unit.getKey()))
                .map(unit -> new RunOutcome.DatabaseOutcome(
                        unit.getValue().name(),
                        restored.containsKey(unit.getKey()) ? "RESTORED" : "FAILED",
                        failed.get(unit.getKey())))
                .toList();
    }

    @Override
    Totals totals() {
        return SealCluster.sum(List.copyOf(restored.values()));
    }

    @Override
    RestoredJobs restoredJobs() {
        return new RestoredJobs(
                jobs.values().stream().mapToInt(RestoredJobs::restored).sum(),
                jobs.values().stream().mapToInt(RestoredJobs::on).sum(),
                List.of());
    }
}

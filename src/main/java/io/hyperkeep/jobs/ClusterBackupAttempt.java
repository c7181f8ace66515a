package io.hyperkeep.jobs;

import io.hyperkeep.cluster.ChooseDatabases.Chosen;
import io.hyperkeep.cluster.ClusterFiles;
import io.hyperkeep.cluster.ListDatabases.Database;
import io.hyperkeep.cluster.ListDatabases.Listed;
import io.hyperkeep.database.Connections;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.runs.RunProgress;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the steps of one backup of a cluster hand to each other; each field is set by the step that its comment names. */
public final class ClusterBackupAttempt extends BackupAttempt {
    private final PartRuns parts;

    // discover
    private volatile @Nullable Listed listed;
    private volatile @Nullable Chosen chosen;
    private volatile Map<String, Database> units = Map.of();
    // dump-globals
    private volatile @Nullable ClusterFiles files;
    private volatile String tool = "";
    private volatile boolean passwords;
    // databases
    private final Map<String, Cluster.Database> done = new ConcurrentHashMap<>();

    ClusterBackupAttempt(
            BackupPlan plan,
            BeforeBackup before,
            Connections connections,
            RunProgress progress,
            Instant started,
            @Nullable Long restarts,
            PartRuns parts) {
        super(plan, before, connections, progress, started, restarts);
        this.parts = parts;
    }

    /** Runs the databases' own backups. */
    public PartRuns parts() {
        return parts;
    }

    public void found(Listed there, Chosen databases) {
        Map<String, Database> byUnit = new LinkedHashMap<>();
        databases.databases().forEach(database -> byUnit.put(String.valueOf(byUnit.size() + 1), database));
        this.units = byUnit;
        this.listed = there;
        this.chosen = databases;
    }

    public Listed listed() {
        return Objects.requireNonNull(listed, "discover comes first");
    }

    public Chosen chosen() {
        return Objects.requireNonNull(chosen, "discover comes first");
    }

    /** The databases to back up, by the ids of their units. */
    public Map<String, Database> databases() {
        return units;
    }

    /** The ids of the databases' units in their order, now that they are begun. */
    Collection<String> beginDatabases() {
        return units.keySet();
    }

    public void globals(ClusterFiles written, String pgDumpall, boolean withPasswords) {
        this.files = written;
        this.tool = pgDumpall;
        this.passwords = withPasswords;
    }

    public ClusterFiles files() {
        return Objects.requireNonNull(files, "dump-globals comes first");
    }

    /** A database was backed up, or could not be. */
    public void backedUp(String unit, Cluster.Database database) {
        done.put(unit, database);
    }

    /** Everything that was backed up, and what could not be. */
    public Cluster cluster() {
        List<Cluster.Database> inOrder =
                units.keySet().stream().map(done::get).filter(Objects::nonNull).toList();
        return files().cluster(tool, passwords, listed().tablespaces(), inOrder, chosen().leftOut());
    }
}

package io.hyperkeep.plan;

import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.retention.PruneRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to back up, where to, and how; holds no secret, so that a run can be recorded and relaunched with it.
 *
 * @param name the plan's name in the configuration, or null for one given on the command line
 * @param database the source
 * @param repository the repository's folder
 * @param kind what the backup is made of
 * @param selection which tables
 * @param jobs number of connections that export at the same time, at least 1
 * @param lock how tables are kept still
 * @param lockTimeout how long to wait for a lock, at most, before failing by name
 * @param compression of data files
 * @param unitBytes tables and chunks smaller than this are grouped up to it, by their size on disk
 * @param sliceBytes a plain table larger than this is cut into slices of about it, by its size on disk
 * @param reuse whether what did not change since earlier is exported again
 * @param maxAttempts how often to try in all when a failure passes by itself, at least 1
 * @param retention which of the plan's backups stay once a further one is sealed; null when nothing is deleted then
 * @param dumpFormat of the archive of a whole database; of no matter to other kinds
 * @param cluster what a backup of a cluster is made of; of no matter to other kinds
 */
public record BackupPlan(
        @Nullable String name,
        DatabaseSettings database,
        Path repository,
        BackupKind kind,
        TableSelection selection,
        int jobs,
        LockMode lock,
        Duration lockTimeout,
        Compression compression,
        long unitBytes,
        long sliceBytes,
        Reuse reuse,
        int maxAttempts,
        @Nullable PruneRules retention,
        DumpFormat dumpFormat,
        ClusterOptions cluster) {
    public static final int DEFAULT_JOBS = 2;
    public static final int DEFAULT_MAX_ATTEMPTS = 2;
    public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(60);
    // a unit should last long enough that its bookkeeping does not matter, and be small enough to redo
    public static final long DEFAULT_UNIT_BYTES = 16L << 20;
    public static final long DEFAULT_SLICE_BYTES = 256L << 20;

    public BackupPlan {
        // as recorded by versions that knew no other
        kind = kind == null ? BackupKind.TABLES : kind;
        dumpFormat = dumpFormat == null ? DumpFormat.DIRECTORY : dumpFormat;
        cluster = cluster == null ? ClusterOptions.DEFAULT : cluster;
    }

    /** The same, with the database reached in another way. */
    public BackupPlan withDatabase(DatabaseSettings other) {
        return with(name, other, repository, kind, retention);
    }

    /** The backup of one database of a cluster, in a repository of the cluster's own. */
    public BackupPlan ofOneDatabase(DatabaseSettings one, Path ofCluster) {
        return with(null, one, ofCluster, cluster.kind(), null);
    }

    /**
     * Whether a run of this plan would make the backup that a run of the other one was to make: of the same plan, database
     * and repository, with the same content. How it is made (connections, timeouts, compression, sizes of units) does not
     * count, nor the role that connects.
     */
    public boolean makesSameBackupAs(BackupPlan other) {
        return Objects.equals(name, other.name)
                && database.isSameDatabaseAs(other.database)
                && repository.equals(other.repository)
                && kind == other.kind
                && selection.equals(other.selection)
                && lock == other.lock
                && dumpFormat == other.dumpFormat
                && cluster.equals(other.cluster);
    }

    private BackupPlan with(
            @Nullable String called, DatabaseSettings from, Path to, BackupKind of, @Nullable PruneRules keep) {
        return new BackupPlan(
                called,
                from,
                to,
                of,
                selection,
                jobs,
                lock,
                lockTimeout,
                compression,
                unitBytes,
                sliceBytes,
                reuse,
                maxAttempts,
                keep,
                dumpFormat,
                cluster);
    }

    /** The same, followed by a prune by other rules. */
    public BackupPlan withRetention(@Nullable PruneRules other) {
        return with(name, database, repository, kind, other);
    }
}

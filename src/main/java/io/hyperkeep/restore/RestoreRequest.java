package io.hyperkeep.restore;

import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.plan.TableSelection;
import java.nio.file.Path;

/**
 * What to restore, where to, and how; holds no secret.
 *
 * @param backup the backup's folder: {@code <repository>/<database>/backups/<id>}
 * @param target the database to restore into
 * @param createDatabase whether to create that database first, with the source's encoding and locale
 * @param selection which of the backup's tables
 * @param jobs number of connections that import at the same time, at least 1
 * @param maxAttempts how often to try in all when a failure passes by itself, at least 1
 * @param options how it is to come out
 * @param cluster what of a cluster; of no matter to other backups
 */
public record RestoreRequest(
        Path backup,
        DatabaseSettings target,
        boolean createDatabase,
        TableSelection selection,
        int jobs,
        int maxAttempts,
        RestoreOptions options,
        ClusterChoice cluster) {
    public RestoreRequest {
        // as recorded by versions that knew no clusters
        cluster = cluster == null ? ClusterChoice.ALL : cluster;
    }

    /** The same, with these policies and jobs on at the end. */
    public RestoreRequest with(JobsAtEnd on) {
        return new RestoreRequest(
                backup, target, createDatabase, selection, jobs, maxAttempts, options.with(on), cluster);
    }

    /** The same, with the target reached in another way. */
    public RestoreRequest withTarget(DatabaseSettings other) {
        return new RestoreRequest(backup, other, createDatabase, selection, jobs, maxAttempts, options, cluster);
    }

    /** The restore of one database of a cluster, which is created for it. */
    public RestoreRequest ofOneDatabase(Path itsBackup, DatabaseSettings itself) {
        return new RestoreRequest(itsBackup, itself, true, selection, jobs, maxAttempts, options, cluster);
    }
}

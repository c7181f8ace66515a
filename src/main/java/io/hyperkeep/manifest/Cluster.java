package io.hyperkeep.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cluster: what its databases share, and a backup of each of them.
 *
 * @param tool the pg_dumpall that wrote {@code globals.sql}, e.g. {@code 17.11}
 * @param files every file beside the databases' own, with its checksum: {@code globals.sql}, {@code properties/…}
 * @param rolePasswords whether {@code globals.sql} has the roles' passwords, as the server stores them
 * @param roles every role that {@code globals.sql} creates
 * @param tablespaces every tablespace that {@code globals.sql} creates
 * @param databases in the order in which they were backed up
 * @param leftOut the databases that the backup was not to have
 */
public record Cluster(
        String tool,
        List<FileEntry> files,
        boolean rolePasswords,
        List<String> roles,
        List<Tablespace> tablespaces,
        List<Database> databases,
        List<LeftOut> leftOut) {
    public Cluster {
        files = List.copyOf(files);
        roles = List.copyOf(roles);
        tablespaces = List.copyOf(tablespaces);
        databases = List.copyOf(databases);
        leftOut = List.copyOf(leftOut);
    }

    /** The databases that could not be backed up. */
    public List<Database> missing() {
        return databases.stream().filter(database -> database.backup() == null).toList();
    }

    /**
     * A tablespace.
     *
     * @param name its name
     * @param location the folder on the server; empty for one in the server's own data
     */
    public record Tablespace(String name, String location) {}

    /**
     * A database.
     *
     * @param name its name
     * @param kind {@code tables} or {@code database}
     * @param backup its backup's folder, as a path below the cluster's: {@code databases/<name>/backups/<id>}; null when
     *     it could not be backed up
     * @param snapshot what its backup shows: databases of a cluster can not share one; null when it could not be backed up
     * @param consistent whether its backup is as of that one snapshot
     * @param totals sums over its tables, or null
     * @param properties of the database as a whole
     * @param propertiesFile the same as SQL for psql, in {@code files}; null for kind {@code database}, which has its own
     * @param failure why it could not be backed up, or null
     */
    public record Database(
            String name,
            String kind,
            @Nullable String backup,
            @Nullable SnapshotInfo snapshot,
            boolean consistent,
            @Nullable Totals totals,
            DatabaseProperties properties,
            @Nullable String propertiesFile,
            @Nullable String failure) {}

    /**
     * A database that the backup was not to have.
     *
     * @param name its name
     * @param reason {@code not-selected}, {@code template} or {@code no-connections}
     */
    public record LeftOut(String name, String reason) {}
}

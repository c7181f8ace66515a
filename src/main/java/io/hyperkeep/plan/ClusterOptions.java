package io.hyperkeep.plan;

/**
 * What a backup of a cluster is made of.
 *
 * @param databases which of its databases
 * @param kind what the backup of each database is made of: {@code DATABASE} or {@code TABLES}
 * @param rolePasswords whether the roles' passwords are kept, as the server stores them
 */
public record ClusterOptions(DatabaseSelection databases, BackupKind kind, boolean rolePasswords) {
    /** Every database as pg_dump's archive, and the passwords. */
    public static final ClusterOptions DEFAULT = new ClusterOptions(DatabaseSelection.ALL, BackupKind.DATABASE, true);
}

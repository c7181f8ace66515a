package io.hyperkeep.plan;

import java.util.Locale;

/** What a backup is made of. */
public enum BackupKind {
    /** Tables, each as CSV files, and the schema around them as SQL. */
    TABLES,
    /** A whole database, as pg_dump's archive. */
    DATABASE,
    /** Every database of a server, each as one of the others, and what they share: roles, tablespaces. */
    CLUSTER;

    /** The kind of that name. */
    public static BackupKind of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** Its name in commands, configuration and manifests. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

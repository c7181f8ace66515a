package io.hyperkeep.database;

import java.sql.Connection;

/** Opens connections to one database with its session settings pinned. Thread-safe. */
public final class Connections {
    private final DatabaseSettings settings;

    public Connections(DatabaseSettings settings) {
        this.settings = settings;
    }

    /** Where these connections lead. */
    public DatabaseAddress address() {
        return settings.address();
    }

    /**
     * Opens a connection, in auto-commit mode. The caller owns it and closes it.
     *
     * @param applicationName what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12/u00042}
     * @throws io.hyperkeep.problem.BackupException when the server can not be reached or refuses the login
     */
    public Connection open(String applicationName) {
        throw new IllegalStateException("not wired yet: " + applicationName);
    }
}

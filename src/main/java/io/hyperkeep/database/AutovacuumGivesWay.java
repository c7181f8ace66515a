package io.hyperkeep.database;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Has a session wait less for autovacuum, which begins to work on a table as soon as it was filled: whoever wants a lock
 * that is in its way waits for {@code deadlock_timeout}, a second, before the server ends it (PostgreSQL 17 manual,
 * 25.1.6). For a restore of many chunks these seconds add up. Thread-safe: it has no state.
 */
public final class AutovacuumGivesWay {
    /** For sessions of programs; only a superuser may set it. */
    public static final String SETTING = "deadlock_timeout=50ms";

    private AutovacuumGivesWay() {}

    /** Sets it in this session, where its role may. */
    public static void to(Connection connection) throws SQLException {
        Query.list(
                connection,
                "SELECT pg_catalog.set_config('deadlock_timeout', '50ms', false) FROM pg_catalog.pg_roles"
                        + " WHERE rolname = current_user AND rolsuper",
                row -> row.getString(1));
    }
}

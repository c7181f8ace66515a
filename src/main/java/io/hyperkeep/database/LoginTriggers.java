package io.hyperkeep.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a database's login triggers from counting our sessions, or from stopping them, where the role may: a superuser,
 * from PostgreSQL 17 on, can log in without any event trigger. Thread-safe.
 *
 * <p>Only a database with such triggers is asked for that, as a server refuses it to any other role and writes so to its
 * log. Whether it has some is found out by a session that cannot write, and that does nothing else. Where the role, the
 * database or the address sets {@code event_triggers} itself, that is left as it is.
 */
final class LoginTriggers {
    /** Of a session: none that is defined in the database fires, TimescaleDB's neither. */
    static final String OFF = "event_triggers=off";

    /** The database's own timeout holds until our sessions have pinned theirs. */
    private static final String PATIENT = " -c statement_timeout=0";

    private static final String READ_ONLY = "default_transaction_read_only=on" + PATIENT;

    /** For after the login: TimescaleDB keeps its catalog by event triggers of its own. */
    static final String ON_AGAIN = "SET event_triggers = on";

    /** No server, no such login, no such database, a server that stops: no trigger has a part in that. */
    private static final Set<String> BEFORE_TRIGGERS = Set.of("08", "28", "3D", "53", "57", "58");

    /** What a connection pool says of startup settings that it does not know. */
    private static final String UNSUPPORTED = "08P01";

    private volatile @Nullable Boolean avoided;

    /** Opens a session with these startup settings. */
    @FunctionalInterface
    interface Login {
        Connection with(@Nullable String setting) throws SQLException;
    }

    /** Opens a session; without login triggers if need be, and then with event triggers on again. */
    Connection open(Login login) throws SQLException {
        if (!areAvoided(login)) {
            return login.with(null);
        }
        Connection connection = login.with(OFF + PATIENT);
        try {
            Query.execute(connection, ON_AGAIN);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Whether the sessions of this database are to begin with {@link #OFF}. */
    boolean areAvoided(Login login) throws SQLException {
        Boolean known = avoided;
        if (known == null) {
            known = probe(login);
            avoided = known;
        }
        return known;
    }

    /** The next session finds out anew. */
    void forget() {
        avoided = null;
    }

    private static boolean probe(Login login) throws SQLException {
        try (Connection connection = login.with(READ_ONLY)) {
            // the column is PostgreSQL 17's
            return Query.one(connection, """
                    SELECT r.rolsuper AND EXISTS (SELECT FROM pg_catalog.pg_settings s
                                                   WHERE s.name OPERATOR(pg_catalog.=) 'event_triggers'
                                                     AND s.source IN ('default', 'configuration file'))
                           AND (pg_catalog.to_jsonb(d) OPERATOR(pg_catalog.->>) 'dathasloginevt')::pg_catalog.bool
                               IS TRUE
                      FROM pg_catalog.pg_database d, pg_catalog.pg_roles r
                     WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
                       AND r.rolname OPERATOR(pg_catalog.=) session_user
                    """, row -> row.getBoolean(1));
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (!state.equals(UNSUPPORTED)
                    && BEFORE_TRIGGERS.contains(state.substring(0, Math.min(2, state.length())))) {
                throw e;
            }
            return !state.equals(UNSUPPORTED) && canAvoid(login);
        }
    }

    /** Whether the role gets in without them. */
    private static boolean canAvoid(Login login) {
        try (Connection connection = login.with(OFF + PATIENT)) {
            return connection.isValid(0);
        } catch (SQLException e) {
            // it gets in as every other session does, or not at all
            return false;
        }
    }
}

package io.hyperkeep.scenario;

import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Holds up the program's sessions at their login, by their application names, until it is opened: each instant of a run
 * at which it opens a session can be looked at for as long as a test likes.
 *
 * <p>An event trigger of the database does it (PostgreSQL 17 on), and the session of the gate holds the lock that the
 * trigger waits for.
 */
final class Gate implements AutoCloseable {
    private final TimescaleServer server;
    private final String uri;
    private final String session;
    private final Connection connection;
    private boolean open;

    private Gate(TimescaleServer server, String uri, String session) throws SQLException {
        this.server = server;
        this.uri = uri;
        this.session = session;
        this.connection = server.connect(uri);
    }

    /** Builds the gate posts: once a database. */
    static void build(TimescaleServer server, String uri) throws SQLException {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            // named after its database, so that a restored one does not get in its way
            String name = ServerSays.one(connection, "SELECT quote_ident('gate_' || current_database())");
            statement.execute("CREATE SCHEMA " + name);
            statement.execute("""
                    CREATE FUNCTION %s.wait() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
                    BEGIN
                        IF current_setting('application_name') ~ '^hyperkeep/[0-9]+/' THEN
                            PERFORM pg_advisory_xact_lock_shared(
                                4711, hashtext(regexp_replace(current_setting('application_name'), '^hyperkeep/[0-9]+/', '')));
                        END IF;
                    END $$""".formatted(name));
            // or a superuser's sessions would go past it
            statement.execute("ALTER ROLE CURRENT_USER SET event_triggers = on");
            statement.execute("CREATE EVENT TRIGGER " + name + " ON login EXECUTE FUNCTION " + name + ".wait()");
        }
    }

    /**
     * Closes the gate for the next session of this name.
     *
     * @param session what comes after the run in the application's name: {@code holder}, {@code worker-1}
     */
    static Gate close(TimescaleServer server, String uri, String session) throws SQLException {
        Gate gate = new Gate(server, uri, session);
        try (PreparedStatement statement =
                gate.connection.prepareStatement("SELECT pg_advisory_lock(4711, hashtext(?))")) {
            statement.setString(1, session);
            statement.execute();
        }
        return gate;
    }

    /** Waits until the session stands before the gate. */
    Gate awaitSomebody() {
        ServerSays.yes(server, uri, "a session waits at the gate of " + session, """
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                                AND application_name ~ ('^hyperkeep/[0-9]+/%s$') AND wait_event = 'advisory')
                """.formatted(session));
        return this;
    }

    void open() throws SQLException {
        if (!open) {
            open = true;
            connection.close();
        }
    }

    @Override
    public void close() throws SQLException {
        open();
    }
}

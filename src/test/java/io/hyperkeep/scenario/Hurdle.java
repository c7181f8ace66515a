package io.hyperkeep.scenario;

import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Something that a run can not get over until it is closed: first a gate, and behind it a lock. */
final class Hurdle implements AutoCloseable {
    private final TimescaleServer server;
    private final String uri;
    private final Connection session;
    private final @Nullable Gate gate;
    private final @Nullable String lock;
    private final String waiting;

    /**
     * @param server of the database
     * @param uri the database
     * @param gate the session to hold up until the lock is taken, or null to take it at once
     * @param lock what the run waits for then, or null to leave it at the gate
     * @param waiting which session that is
     */
    private Hurdle(TimescaleServer server, String uri, @Nullable String gate, @Nullable String lock, String waiting)
            throws SQLException {
        this.server = server;
        this.uri = uri;
        this.session = server.connect(uri);
        this.session.setAutoCommit(false);
        this.gate = gate == null ? null : Gate.close(server, uri, gate);
        this.lock = lock;
        this.waiting = waiting;
        if (gate == null && lock != null) {
            ServerSays.run(session, lock);
        }
    }

    static Hurdle ofBackup(TimescaleServer server, String uri, String phase) throws SQLException {
        return switch (phase) {
            case "locks" -> new Hurdle(server, uri, null, "LOCK TABLE public.big IN ACCESS EXCLUSIVE MODE", "holder");
            case "dump-schema" -> new Hurdle(server, uri, "dump-schema", null, "");
            // a large value is fetched by its index: COPY stands in the middle of the table
            default ->
                new Hurdle(
                        server, uri, "dump-schema", "REINDEX INDEX " + ServerSays.one(server, uri, """
                        SELECT i.indexrelid::regclass FROM pg_class c
                          JOIN pg_index i ON i.indrelid = c.reltoastrelid WHERE c.oid = 'public.big'::regclass"""), "worker-[12]");
        };
    }

    static Hurdle ofRestore(TimescaleServer server, String uri, String phase) throws SQLException {
        Gate.build(server, uri);
        return switch (phase) {
            case "import" -> new Hurdle(server, uri, "import", "LOCK TABLE public.big IN SHARE MODE", "import-[12]");
            case "index" ->
                new Hurdle(server, uri, "indexes", "LOCK TABLE public.big IN ROW EXCLUSIVE MODE", "indexes");
            default -> new Hurdle(server, uri, "compare", "LOCK TABLE public.big IN ACCESS EXCLUSIVE MODE", "compare");
        };
    }

    /** Waits until the run stands before it. */
    void awaitSomebody() throws SQLException {
        if (gate != null) {
            gate.awaitSomebody();
            if (lock == null) {
                return;
            }
            ServerSays.run(session, lock);
            gate.open();
        }
        ServerSays.yes(server, uri, "the run waits", """
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                                AND application_name ~ '^hyperkeep/[0-9]+/%s$' AND wait_event_type = 'Lock'
                                AND wait_event = 'relation')""".formatted(waiting));
    }

    /** Lets whoever waits go on. */
    void letGo() throws SQLException {
        if (gate != null) {
            gate.open();
        }
        session.close();
    }

    @Override
    public void close() throws SQLException {
        letGo();
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.PsqlScript;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a restore while it makes aggregates and while it brings their rows: in the end they are as they were. */
@Timeout(600)
class KilledAggregatesTest {
    private static final List<String> HEAP = List.of("-Xmx256m");

    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void at_every_instant_at_which_something_is_half_done() throws Exception {
        server.requireCommunity("continuous aggregates");
        String owner = ServerObjects.name("hk_owner_");
        String reader = ServerObjects.name("hk_reader_");
        objects.createRole(server, owner);
        objects.createRole(server, reader);
        PsqlScript.run(
                server, server.uri(), AggregatesTest.class, "aggregates.sql", Map.of("owner", owner, "reader", reader));
        Operator operator = new Operator(folder, server);
        assertThat(operator.run(operator.backup(server.uri())).exitCode()).isZero();
        String target = server.newDatabase("killed_aggregates");
        Gate.build(server, target);
        holdUpStatements(target);

        // half created
        killAt("DROP INDEX", operator, target);
        assertThat(unsettled(target)).isEqualTo("0");
        // created, and refreshed: chunks are in its hypertable that must not stay
        killAt("DROP TABLE", operator, target);
        assertThat(unsettled(target)).isEqualTo("1");
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM show_chunks('app.hourly')"))
                .isNotEqualTo("0");
        try (Gate gate = Gate.close(server, target, "late");
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
            gate.awaitSomebody();
            restore.stop("KILL");
        }
        try (Gate gate = Gate.close(server, target, "import-2");
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
            gate.awaitSomebody();
            restore.stop("KILL");
        }

        Operator.Ended ended = operator.run(operator.restore("latest", target));

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(DatabaseContents.differences(
                        EveryObject.contents(server, server.uri()),
                        EveryObject.contents(server, target),
                        line -> !line.contains("gate_") && !line.contains("hold_up")))
                .isEmpty();
    }

    /** Lets each statement of some sorts wait as long as somebody holds the lock that has its name. */
    private static void holdUpStatements(String target) throws SQLException {
        ServerSays.done(server, target, "CREATE SCHEMA hold_up", """
                CREATE FUNCTION hold_up.here() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
                BEGIN
                    IF current_setting('application_name') ~ '/create-aggregates$' THEN
                        PERFORM pg_advisory_xact_lock_shared(4712, hashtext(tg_tag));
                    END IF;
                END $$""", """
                CREATE EVENT TRIGGER hold_up ON ddl_command_start WHEN TAG IN ('DROP INDEX', 'DROP TABLE')
                EXECUTE FUNCTION hold_up.here()""");
    }

    private static void killAt(String statement, Operator operator, String target) throws Exception {
        try (Connection holder = server.connect(target)) {
            ServerSays.one(holder, "SELECT pg_advisory_lock(4712, hashtext('" + statement + "'))");
            try (RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
                ServerSays.yes(server, target, "it waits with " + statement, """
                        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                                        AND application_name ~ '/create-aggregates$' AND wait_event = 'advisory')""");
                restore.stop("KILL");
                // as the server does when it notices
                ServerSays.done(server, target, """
                        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                         WHERE datname = current_database() AND application_name ~ '/create-aggregates$'""");
            }
        }
    }

    /** How many aggregates were created, but do not have their watermark for certain. */
    private static String unsettled(String target) {
        return ServerSays.one(server, target, """
                SELECT (SELECT count(*) FROM hyperkeep.ledger WHERE item LIKE 'aggregate %')
                     - (SELECT count(*) FROM hyperkeep.ledger WHERE item LIKE 'watermark %')""");
    }
}

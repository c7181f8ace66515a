package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.PrivateServer;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A restore of a whole database that dies between pre_restore and post_restore, and its server with it. */
@Timeout(300)
class CrashedWholeRestoreTest {
    @RegisterExtension
    static final TimescaleServer like = TimescaleServer.v18();

    private static final List<String> HEAP = List.of("-Xmx256m");
    private static final String NAME = "restored";

    /** Rows that a query sees, and whether the mode is over. */
    private static final String STATE =
            "SELECT count(*) || ' ' || sum(v) || ' ' || current_setting('timescaledb.restoring') FROM public.metrics";

    @TempDir
    Path folder;

    @Test
    void it_is_repaired_and_restarted_and_then_right() throws SQLException {
        try (PrivateServer server = PrivateServer.start(like)) {
            Operator operator = new Operator(folder, server);
            // each end is looked at
            operator.environment.put("HYPERKEEP_MAX_ATTEMPTS", "1");
            String source = fill(server);
            String target = server.uri(NAME);
            assertThat(operator.run(operator.backup(source, "--kind", "database"))
                            .exitCode())
                    .isZero();

            try (RunningCommand restore =
                    operator.fork(HEAP, operator.restore("latest", target, "--create-database"))) {
                buildsIndexes(server);
                restore.kill();
                server.stop("immediate");
            }
            server.start();
            leftInRestoringMode(server, target);

            slow(server);
            try (RunningCommand restart = operator.fork(HEAP, "runs", "restart", "2")) {
                buildsIndexes(server);
                server.stop("immediate");
                // the process lives on, and can do nothing: its server is gone
                Operator.Ended failed = restart.end();
                assertThat(failed.exitCode()).as(failed.err()).isEqualTo(1);
                assertThat(failed.err())
                        .contains("database " + NAME + " may still be in restoring mode: ")
                        .contains("`hyperkeep repair` takes it out of it");
            }
            server.start();
            leftInRestoringMode(server, target);

            Operator.Ended repaired = operator.run("repair", target);
            assertThat(repaired.exitCode()).isEqualTo(3);
            assertThat(repaired.out()).isEqualTo("database " + NAME + " was in restoring mode and is not any more\n");
            assertThat(repaired.err()).contains("did not end: do not use this database.");
            assertThat(ServerSays.one(server, target, "SHOW timescaledb.restoring"))
                    .isEqualTo("off");

            Operator.Ended restarted = operator.run("runs", "restart", "3");
            assertThat(restarted.exitCode()).as(restarted.err()).isZero();
            assertThat(ServerSays.one(server, target, STATE)).isEqualTo("480 114960 off");
            assertThat(operator.run("compare", "latest", target, "--repository", operator.repository.toString())
                            .exitCode())
                    .isZero();
        }
    }

    private static String fill(PrivateServer server) throws SQLException {
        String source = server.createDatabase("source");
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '5 days')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n"
                        + " FROM generate_series(0, 479) n",
                // a minute in the one session, when the server says so: long enough for the test to meet it
                "CREATE FUNCTION public.slow(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN"
                        + " IF current_setting('test.slow', true) = 'on' THEN PERFORM pg_sleep(0.5); END IF;"
                        + " RETURN v; END $$",
                "CREATE INDEX slow ON public.metrics (public.slow(v))");
        slow(server);
        return source;
    }

    private static void slow(PrivateServer server) throws SQLException {
        ServerSays.done(server, server.uri("postgres"), "ALTER SYSTEM SET test.slow = 'on'", "SELECT pg_reload_conf()");
    }

    /** Between pre_restore and post_restore; and from the next start of the server on, indexes are fast again. */
    private static void buildsIndexes(PrivateServer server) throws SQLException {
        ServerSays.yes(
                server,
                server.uri("postgres"),
                "pg_restore builds the slow index",
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '" + NAME
                        + "' AND query LIKE 'CREATE INDEX%')");
        ServerSays.done(server, server.uri("postgres"), "ALTER SYSTEM RESET test.slow");
    }

    private static void leftInRestoringMode(PrivateServer server, String target) {
        assertThat(ServerSays.one(server, target, "SHOW timescaledb.restoring")).isEqualTo("on");
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of one restore after the other on one target, each given again: in the end it is what was backed up. */
@Timeout(600)
class KilledRestoreTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");
    /** The sessions that a restore opens, in their order: before each of them it is killed once. */
    private static final List<String> SESSIONS =
            List.of("schema", "create-hypertables", "create-chunks", "import-2", "indexes", "finish", "compare", "end");

    @TempDir
    Path folder;

    private Operator operator;
    private String source;
    private String target;

    @BeforeEach
    void back_up() throws SQLException {
        operator = new Operator(folder, server);
        source = server.createDatabase("killed_source", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.device (id int PRIMARY KEY, name text UNIQUE)",
                "INSERT INTO public.device SELECT g, 'dev ' || g FROM generate_series(1, 20) g",
                "CREATE SEQUENCE public.free START 42",
                "CREATE UNLOGGED TABLE public.cache (id int PRIMARY KEY, v text)",
                "INSERT INTO public.cache SELECT g, 'v' || g FROM generate_series(1, 500) g",
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, device int REFERENCES public.device, v float8)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 minute', 1 + g % 20, g"
                        + " FROM generate_series(0, 60 * 24 * 40) g",
                "CREATE INDEX ON public.metrics (device, t)",
                "CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN NEW.v := -1; RETURN NEW; END'",
                "CREATE TRIGGER touch BEFORE INSERT ON public.metrics FOR EACH ROW EXECUTE FUNCTION public.touch()",
                "CREATE MATERIALIZED VIEW public.counts AS SELECT device, count(*) FROM public.metrics GROUP BY 1",
                "COMMENT ON TABLE public.metrics IS 'rows of many chunks'");
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        target = server.newDatabase("killed");
    }

    @Test
    void before_some_of_the_sessions_that_it_opens() throws Exception {
        killBefore(List.of("create-chunks", "indexes", "end"));
    }

    @Test
    @Tag("long")
    void before_each_session_that_it_opens() throws Exception {
        killBefore(SESSIONS);
    }

    private void killBefore(List<String> sessions) throws Exception {
        Gate.build(server, target);
        for (String session : sessions) {
            try (Gate gate = Gate.close(server, target, session);
                    RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
                gate.awaitSomebody();
                restore.stop("KILL");
            }
            requireUnfinished();
        }
        requireRestored();
    }

    @Test
    void and_restarted_it_alters_the_target_as_it_was_asked_to() throws Exception {
        Gate.build(server, target);
        String[] altered = {
            "--include",
            "public.metrics",
            "--rename",
            "public.metrics=lab.m",
            "--chunk-interval",
            "metrics=3d",
            "--until",
            "2026-01-20T12:00"
        };
        try (Gate gate = Gate.close(server, target, "indexes");
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, altered))) {
            gate.awaitSomebody();
            restore.stop("KILL");
        }

        Operator.Ended other = operator.run(operator.restore("latest", target, "--include", "public.metrics"));
        assertThat(other.failure())
                .isEqualTo("hyperkeep: database " + target.substring(target.lastIndexOf('/') + 1)
                        + " holds an unfinished restore of this backup, of public.metrics with --rename"
                        + " public.metrics=lab.m --chunk-interval metrics=3d --until 2026-01-20T12:00, not of"
                        + " public.metrics\nHINT: restart it, with the same options; or give it up: drop the database,"
                        + " or in one that is in use the tables that it restored and the schema hyperkeep\n");
        Operator.Ended restarted = operator.run("runs", "restart", "2");

        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(3);
        assertThat(ServerSays.one(server, target, "SELECT count(*) || ' ' || max(t) || ' ' || min(v) FROM lab.m"))
                .isEqualTo(19 * 1440 + 720 + " 2026-01-20 11:59:00+00 0");
        assertThat(ServerSays.one(
                        server,
                        target,
                        "SELECT count(*) || ' ' || min(range_end - range_start) FROM timescaledb_information.chunks"))
                .isEqualTo("7 3 days");
        assertThat(ServerSays.one(server, target, "SELECT to_regclass('public.metrics') IS NULL"))
                .isEqualTo("t");
    }

    @Test
    void between_its_last_commit_and_its_own_record() throws Exception {
        Gate.build(server, target);
        try (Connection metadata = DriverManager.getConnection(
                        "jdbc:h2:file:"
                                + Path.of(operator.environment.get("HYPERKEEP_HOME"), "metadata")
                                + ";AUTO_SERVER=TRUE",
                        "hyperkeep",
                        "");
                Statement lock = metadata.createStatement();
                Gate end = Gate.close(server, target, "end");
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
            end.awaitSomebody();
            metadata.setAutoCommit(false);
            lock.execute("SELECT * FROM BATCH_STEP_EXECUTION FOR UPDATE");
            end.open();
            ServerSays.yes(server, target, "the mark is gone", "SELECT to_regclass('hyperkeep.restore') IS NULL");
            restore.stop("KILL");
        }

        Operator.Ended again = operator.run(operator.restore("latest", target));
        assertThat(again.failure()).contains(" already has ");
        Operator.Ended restarted = operator.run("runs", "restart", "2");

        // compared, but what the killed run may have warned of is not known
        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(3);
        assertThat(restarted.out() + restarted.err())
                .contains("this one only compared, and what that one warned of is in its log alone");
        requireSame();
    }

    @Test
    @Tag("long")
    void at_random_moments_ten_times() throws Exception {
        killAndRestart(10);
    }

    private void killAndRestart(int kills) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Gate.build(server, target);
        // the last step is held up, so that no restore is faster than its signal
        try (Gate end = Gate.close(server, target, "end")) {
            for (int kill = 1; kill <= kills; kill++) {
                try (RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
                    String run = "application_name ~ '^hyperkeep/" + (kill + 1) + "/'";
                    ServerSays.yes(server, target, "restore " + kill + " has begun", """
                            SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                                            AND %s)""".formatted(run));
                    // the moment is what is random here: nothing waits for it
                    int moment = random.nextInt(4000);
                    TimeUnit.MILLISECONDS.sleep(moment);
                    String at = ServerSays.one(server, target, """
                            SELECT string_agg(substr(application_name, 11), ', ') FROM pg_stat_activity
                             WHERE datname = current_database() AND %s""".formatted(run));
                    restore.stop("KILL");
                    System.out.println("seed " + seed + ", kill " + kill + " after " + moment + " ms, at " + at);
                }
            }
            end.open();
        }
        requireRestored();
    }

    private void requireUnfinished() {
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM hyperkeep.restore"))
                .isEqualTo("1");
    }

    private void requireRestored() throws SQLException {
        Operator.Ended ended = operator.run(operator.restore("latest", target));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        requireSame();
    }

    private void requireSame() throws SQLException {
        try (Connection from = server.connect(source);
                Connection to = server.connect(target)) {
            assertThat(DatabaseContents.differences(
                            DatabaseContents.of(from), DatabaseContents.of(to), line -> !line.contains("gate_")))
                    .isEmpty();
        }
    }
}

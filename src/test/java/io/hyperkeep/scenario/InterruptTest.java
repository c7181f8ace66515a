package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Ctrl-C, SIGTERM and kill -9 in the middle of runs, in processes of their own. Runs are held up at a known point by a
 * lock that another session has, so that each signal finds the phase that it is meant for.
 */
@Timeout(240)
class InterruptTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");
    /** Far less than the timeout of any lock or statement that the runs here wait for. */
    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"TERM, locks", "INT, dump-schema", "INT, export", "TERM, export"})
    void a_stopped_backup_leaves_nothing_and_the_next_one_succeeds(String signal, String phase) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, phase);
                RunningCommand backup = operator.fork(HEAP, operator.backup(source, "--jobs", "2"))) {
            hurdle.awaitSomebody();
            requireStopped(operator, source, backup.stop(signal));
        }
        assertThat(operator.leftovers()).isEmpty();

        Operator.Ended again = operator.run(operator.backup(source));
        assertThat(again.exitCode()).as(again.err()).isEqualTo(0);
    }

    @ParameterizedTest
    @CsvSource({"TERM, import", "INT, index", "TERM, compare"})
    void a_stopped_restore_never_looks_restored_and_the_next_one_goes_on(String signal, String phase) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("interrupted");
        try (Hurdle hurdle = Hurdle.ofRestore(server, target, phase);
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
            hurdle.awaitSomebody();
            requireStopped(operator, target, restore.stop(signal));
        }
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM hyperkeep.restore"))
                .isEqualTo("1");

        goOn(operator, source, target);
    }

    @Test
    void a_killed_backup_is_invisible_and_the_next_one_succeeds() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = operator.fork(HEAP, operator.backup(source, "--jobs", "1"))) {
            hurdle.awaitSomebody();
            backup.stop("KILL");
            assertThat(operator.files()).anyMatch(file -> file.endsWith(".tmp"));
            assertThat(backups(operator)).isEqualTo(0);
        }
        noSessions(source);

        Operator.Ended again = operator.run(operator.backup(source));
        assertThat(again.exitCode()).as(again.err()).isEqualTo(0);
        assertThat(backups(operator)).isEqualTo(1);
        assertThat(operator.run(operator.restore("latest", server.newDatabase("after_kill")))
                        .exitCode())
                .isEqualTo(0);
    }

    @Test
    void a_killed_restore_goes_on_with_the_next_one() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("killed");
        try (Hurdle hurdle = Hurdle.ofRestore(server, target, "index");
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
            hurdle.awaitSomebody();
            restore.stop("KILL");
        }
        noSessions(target);
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM hyperkeep.restore"))
                .isEqualTo("1");

        goOn(operator, source, target);
    }

    @Test
    void what_a_killed_restore_left_at_work_is_ended_before_the_next_one_begins() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("orphans");
        CompletableFuture<Operator.Ended> next;
        try (Hurdle hurdle = Hurdle.ofRestore(server, target, "index")) {
            try (RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target, "--jobs", "2"))) {
                hurdle.awaitSomebody();
                restore.stop("KILL");
            }
            // psql outlives who started it, and its server process waits for the lock
            String orphan = ServerSays.one(
                    server,
                    target,
                    "SELECT min(pid) FROM pg_stat_activity WHERE application_name ~ '^hyperkeep/[0-9]+/indexes$'"
                            + " AND datname = current_database()");
            assertThat(orphan).isNotEqualTo("null");
            next = operator.begin(operator.restore("latest", target));
            ServerSays.yes(
                    server,
                    target,
                    "the orphan is ended",
                    "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = " + orphan + ")");
        }
        Operator.Ended ended = next.get(90, TimeUnit.SECONDS);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.err())
                .containsPattern("an earlier run left sessions at work in the target, which were ended: \\[.*/indexes")
                .contains("the target holds a part of this restore already, from an earlier run: going on with it");
        requireSame(source, target);
    }

    private static void requireStopped(Operator operator, String uri, RunningCommand.Stopped stopped) {
        assertThat(stopped.ended().exitCode()).as(stopped.ended().err()).isEqualTo(130);
        assertThat(stopped.after()).as(stopped.ended().err()).isLessThan(SOON);
        assertThat(stopped.ended().err()).contains("hyperkeep: stopping the run; once more ends it at once\n");
        JsonNode run = operator.run("runs", "list", "--limit", "1", "--output", "json")
                .json()
                .get("runs")
                .get(0);
        assertThat(run.get("state").asString()).isEqualTo("STOPPED");
        noSessions(uri);
    }

    /** A session may take a moment to notice that its client is gone. */
    private static void noSessions(String uri) {
        ServerSays.yes(server, uri, "no session of the run is left", """
                SELECT NOT EXISTS (SELECT FROM pg_stat_activity
                                    WHERE datname = current_database() AND application_name LIKE 'hyperkeep/%')""");
    }

    private static void goOn(Operator operator, String source, String target) {
        Operator.Ended again = operator.run(operator.restore("latest", target));
        assertThat(again.exitCode()).as(again.err()).isEqualTo(0);
        requireSame(source, target);
    }

    private static void requireSame(String source, String target) {
        assertThat(ServerSays.one(server, target, "SELECT to_regnamespace('hyperkeep') IS NULL"))
                .isEqualTo("t");
        String rows = "SELECT count(*) || md5(string_agg(x::text, ',' ORDER BY x::text)) FROM public.big x";
        assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
        String metrics = "SELECT count(*) || md5(string_agg(x::text, ',' ORDER BY x::text)) FROM public.metrics x";
        assertThat(ServerSays.one(server, target, metrics)).isEqualTo(ServerSays.one(server, source, metrics));
    }

    private static int backups(Operator operator) {
        return operator.run("backups", "--repository", operator.repository.toString(), "--output", "json")
                .json()
                .get("backups")
                .size();
    }

    private static String database() throws SQLException {
        String uri = server.createDatabase("interrupted", true);
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.big (id int PRIMARY KEY, note text, big text)",
                "ALTER TABLE public.big ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.big SELECT g, repeat('n', 500) FROM generate_series(1, 4000) g",
                "INSERT INTO public.big VALUES (4001, 'the last', repeat('b', 100000))",
                "CREATE INDEX big_note ON public.big (note)",
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 95) g");
        Gate.build(server, uri);
        return uri;
    }
}

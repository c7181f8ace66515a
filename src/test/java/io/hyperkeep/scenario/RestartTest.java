package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs that did not come to their end, and what becomes of them: restarted, recovered, stopped, abandoned. */
@Timeout(240)
class RestartTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    Path folder;

    @Test
    void a_failed_backup_is_restarted_as_a_new_run_of_the_same_instance() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        Path obstacle = obstacle(operator, source);
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(1);
        assertThat(unsealed(operator)).isEmpty();
        assertThat(operator.run("runs", "restart", "2").exitCode()).isEqualTo(1);
        Files.delete(obstacle);

        Operator.Ended ended = operator.run("runs", "restart", "3", "--output", "json");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.json().get("state").asString()).isEqualTo("SEALED");
        assertThat(ended.json().get("run").asLong()).isEqualTo(4);
        assertThat(ended.json().get("restarts").asLong()).isEqualTo(3);
        assertThat(ended.json().get("tables").asInt()).isEqualTo(3);
        JsonNode runs = operator.run("runs", "--output", "json").json().get("runs");
        assertThat(runs.valueStream().map(run -> run.get("state").asString() + " " + run.get("restarts")))
                .containsExactly("SEALED 3", "FAILED 2", "FAILED null", "SEALED null");
        assertThat(runs.get(1).get("restartedAs").asLong()).isEqualTo(4);
        assertThat(operator.run("runs", "show", "3").out())
                .startsWith("Run       3 (backup, restarts run 2, restarted as run 4)\n");
    }

    @Test
    void a_killed_backup_is_recovered_by_the_next_launch_and_restarted() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        killInExport(operator, source);
        assertThat(unsealed(operator)).hasSize(1);
        assertThat(state(operator, 1)).isEqualTo("DEAD");

        Operator.Ended ended = operator.run("runs", "restart", "1");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.err()).contains("run 1 is recorded as FAILED now: its process ended without a word: process ");
        assertThat(ended.out()).startsWith("backup ").contains(" (run ", " restarts run 1)\n");
        assertThat(unsealed(operator)).isEmpty();
        JsonNode killed = operator.run("runs", "show", "1", "--output", "json").json();
        assertThat(killed.get("state").asString()).isEqualTo("FAILED");
        assertThat(killed.get("failure").asString()).startsWith("its process ended without a word: process ");
        assertThat(operator.run(operator.restore("latest", server.newDatabase("after_restart")))
                        .exitCode())
                .isEqualTo(0);
    }

    @Test
    void a_run_is_recovered_by_hand_only_when_it_is_dead_and_not_restarted_once_abandoned() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        killInExport(operator, source);

        Operator.Ended restart = operator.run("runs", "stop", "1");
        assertThat(restart.exitCode()).isEqualTo(2);
        assertThat(restart.failure()).isEqualTo("""
                hyperkeep: run 1 is recorded as running, but its process seems to have ended without a word
                HINT: `hyperkeep runs recover 1` records it as failed; then it can be restarted.
                """);
        Operator.Ended recovered = operator.run("runs", "recover", "1");
        assertThat(recovered.exitCode()).as(recovered.err()).isEqualTo(0);
        assertThat(recovered.out())
                .isEqualTo("run 1 is recorded as FAILED now; `hyperkeep runs restart 1` goes on with it\n");
        refused(operator, 2, """
                hyperkeep: run 1 does not run: it ended as FAILED, so there is nothing to recover
                HINT: `hyperkeep runs restart 1` tries it again.
                """, "runs", "recover", "1");
        refused(operator, 2, """
                hyperkeep: run 1 does not run: it ended as FAILED
                HINT: `hyperkeep runs list` lists the newest.
                """, "runs", "stop", "1");
        assertThat(operator.run("runs", "abandon", "1").out()).isEqualTo("run 1 is abandoned\n");
        assertThat(state(operator, 1)).isEqualTo("ABANDONED");
        refused(operator, 2, """
                hyperkeep: run 1 was abandoned, so it can not be restarted
                HINT: start a new backup instead.
                """, "runs", "restart", "1");
        Operator.Ended fresh = operator.run(operator.backup(source, "--restart-failed"));
        assertThat(fresh.exitCode()).as(fresh.err()).isEqualTo(0);
        assertThat(fresh.out()).doesNotContain("restarts");
        assertThat(fresh.err()).doesNotContain("the last run of this backup");
    }

    @Test
    void a_run_is_stopped_from_another_process_and_goes_on_as_another_run() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = operator.fork(HEAP, operator.backup(source))) {
            hurdle.awaitSomebody();
            Operator.Ended running = operator.run("runs", "recover", "1");
            assertThat(running.exitCode()).isEqualTo(11);
            assertThat(running.failure()).matches("""
                    hyperkeep: run 1 is running, in process \\d+ on \\S+; its last sign of life was \\d+ s ago
                    HINT: wait for its end, or end it: `hyperkeep runs stop 1`.
                    """);
            assertThat(operator.run("runs", "restart", "1").failure())
                    .startsWith("hyperkeep: run 1 is running, in process ");
            assertThat(operator.run("runs", "abandon", "1").exitCode()).isEqualTo(11);
            Instant asked = Instant.now();

            Operator.Ended stop = operator.run("runs", "stop", "1");

            assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(10));
            assertThat(stop.exitCode()).as(stop.err()).isEqualTo(0);
            assertThat(stop.out()).isEqualTo("run 1 has stopped; `hyperkeep runs restart 1` goes on with it\n");
            Operator.Ended stopped = backup.end();
            assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(130);
            assertThat(stopped.failure()).isEqualTo("""
                    hyperkeep: the backup was stopped before its end
                    HINT: `hyperkeep runs restart 1` tries it again and repeats only what is needed
                    """);
        }
        assertThat(unsealed(operator)).isEmpty();

        Operator.Ended offered = operator.run(operator.backup(source, "--restart-failed"));

        assertThat(offered.exitCode()).as(offered.err()).isEqualTo(0);
        assertThat(offered.err()).contains("the last run of this backup, run 1, was stopped\nrun 1 is restarted\n");
        assertThat(offered.out()).contains(" restarts run 1)");
    }

    @Test
    @Tag("long")
    void of_two_restarts_at_once_one_wins_and_its_death_frees_the_run() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        killInExport(operator, source);
        assertThat(operator.run("runs", "recover", "1").exitCode()).isEqualTo(0);
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand one = operator.fork(HEAP, "runs", "restart", "1");
                RunningCommand other = operator.fork(HEAP, "runs", "restart", "1")) {
            hurdle.awaitSomebody();
            Awaitility.await("one of them ends")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !one.isAlive() || !other.isAlive());
            RunningCommand loser = one.isAlive() ? other : one;
            Operator.Ended lost = loser.end();
            assertThat(lost.exitCode()).as(lost.err()).isEqualTo(11);
            assertThat(lost.failure())
                    .matches("hyperkeep: (another process restarts, recovers or abandons run 1 at this moment"
                            + "|run 1 was restarted already, as run \\d+, which is running)\nHINT: .*\n");
            assertThat(operator.run("runs", "--output", "json")
                            .json()
                            .get("runs")
                            .size())
                    .isEqualTo(2);
            (loser == one ? other : one).stop("KILL");
        }
        noSessions(source);
        String killed = operator.run("runs", "--output", "json")
                .json()
                .get("runs")
                .get(0)
                .get("run")
                .asString();
        Operator.Ended again = operator.run("runs", "restart", killed, "--output", "json");
        assertThat(again.exitCode()).as(again.err()).isEqualTo(0);
        assertThat(again.json().get("restarts").asString()).isEqualTo(killed);
        assertThat(unsealed(operator)).isEmpty();
    }

    @Test
    void what_can_not_be_restarted_says_why() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        refused(operator, 10, """
                hyperkeep: there is no run 1
                HINT: `hyperkeep runs list` lists the newest.
                """, "runs", "restart", "1");
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        refused(operator, 2, """
                hyperkeep: run 1 ended as SEALED: there is nothing to restart
                HINT: start a new backup instead.
                """, "runs", "restart", "1");
        refused(operator, 2, """
                hyperkeep: run 1 ended as SEALED: there is nothing to abandon
                HINT: start a new backup instead.
                """, "runs", "abandon", "1");
        obstacle(operator, source);
        Operator.Ended failed = operator.run(operator.backup(source));
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(operator.run("runs", "restart", "2").exitCode()).isEqualTo(1);
        refused(operator, 2, """
                hyperkeep: run 2 was restarted already, as run 3, which ended as FAILED
                HINT: restart that one: `hyperkeep runs restart 3`.
                """, "runs", "restart", "2");
        Operator.Ended again = operator.run(operator.backup(source));
        assertThat(again.err())
                .contains("the last run of this backup, run 3, failed: cannot write")
                .contains("HINT: this is a new run; `hyperkeep runs restart 3`, or --restart-failed, would have gone on"
                        + " with that one.\n");
        Files.move(operator.repository, folder.resolve("elsewhere"));
        refused(operator, 1, """
                hyperkeep: run 4 can not be restarted: its repository FOLDER/repository is not there any more
                HINT: is its disk mounted? A backup into a new repository is a new run.
                """, "runs", "restart", "4");
        assertThat(operator.repository).doesNotExist();
    }

    @Test
    void a_run_of_a_plan_is_restarted_only_while_the_plan_is_the_same() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        Path configuration = folder.resolve("home/hyperkeep.yml");
        String plan = "defaults: {repository: %s}%nplans: {nightly: {database: '%s', jobs: 1}}%n"
                .formatted(operator.repository, source);
        Files.createDirectories(configuration.getParent());
        Files.writeString(configuration, plan);
        String[] backup = {
            "backup", "nightly", "--client-tools", server.clientTools().toString()
        };
        assertThat(operator.run(backup).exitCode()).isEqualTo(0);
        Path obstacle = obstacle(operator, source);
        assertThat(operator.run(backup).exitCode()).isEqualTo(1);
        Files.writeString(configuration, plan.replace("nightly", "weekly"));
        refused(operator, 10, """
                hyperkeep: run 2 can not be restarted: its plan 'nightly' is not in the configuration any more
                HINT: configure it again, or start a new run with --database and --repository.
                """, "runs", "restart", "2");
        Files.writeString(configuration, plan.replace("repository: ", "repository: /somewhere"));
        Operator.Ended moved = operator.run("runs", "restart", "2");
        assertThat(moved.exitCode()).isEqualTo(2);
        assertThat(moved.failure())
                .startsWith("hyperkeep: run 2 can not be restarted: plan 'nightly' is of ")
                .endsWith(" in FOLDER/repository\nHINT: `hyperkeep backup nightly` starts a new run.\n");
        Files.writeString(configuration, plan.replace("jobs: 1", "jobs: 2"));
        Files.delete(obstacle);

        Operator.Ended restarted = operator.run("runs", "restart", "2");

        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
        assertThat(restarted.err())
                .contains("run 2 is restarted as it was asked for; plan 'nightly' says something else now");
    }

    @Test
    void a_failed_backup_is_restarted_only_by_one_of_the_same_kind_tables_and_options() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        Path obstacle = obstacle(operator, source);
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(1);

        for (String[] other : List.of(
                new String[] {"--include", "public.big"},
                new String[] {"--exclude", "public.late"},
                new String[] {"--kind", "database"},
                new String[] {"--include", "public.big", "--lock", "light"})) {
            Operator.Ended ended =
                    operator.run(Operator.with(operator.backup(source, "--restart-failed", "--output", "json"), other));
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
            assertThat(ended.json().get("restarts").isNull())
                    .as(String.join(" ", other))
                    .isTrue();
            assertThat(ended.err()).doesNotContain("the last run of this backup");
        }
        assertThat(operator.run("runs", "show", "2", "--output", "json")
                        .json()
                        .get("restartedAs")
                        .isNull())
                .isTrue();
        Files.delete(obstacle);

        Operator.Ended same =
                operator.run(operator.backup(source, "--restart-failed", "--jobs", "1", "--output", "json"));

        assertThat(same.exitCode()).as(same.err()).isEqualTo(0);
        assertThat(same.json().get("restarts").asLong()).isEqualTo(2);
    }

    @Test
    void a_backup_that_loses_its_snapshot_is_restarted_by_itself() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        Operator.Ended ended;
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = operator.fork(HEAP, operator.backup(source, "--output", "json"))) {
            hurdle.awaitSomebody();
            ServerSays.one(server, source, """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND application_name ~ '^hyperkeep/[0-9]+/holder$'""");
            Awaitility.await("the first attempt has failed")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> state(operator, 1).equals("FAILED"));
            hurdle.letGo();
            ended = backup.end();
        }

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.json().get("restarts").asLong()).isEqualTo(1);
        assertThat(ended.err())
                .containsPattern(
                        "WARN  run 1 failed: the session that holds the snapshot has ended, so the tables can no"
                                + " longer be read as of one instant\\. Attempt 2 of 2 begins when the server answers\n");
        assertThat(unsealed(operator)).isEmpty();
    }

    @Test
    void a_killed_restore_is_restarted_with_the_target_that_it_had() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("killed");
        Gate.build(server, target);
        try (Gate gate = Gate.close(server, target, "indexes");
                RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target))) {
            gate.awaitSomebody();
            restore.stop("KILL");
        }

        Operator.Ended ended = operator.run("runs", "list", "--output", "json");
        long killed = ended.json().get("runs").get(0).get("run").asLong();
        Operator.Ended restarted = operator.run("runs", "restart", String.valueOf(killed), "--output", "json");

        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
        assertThat(restarted.json().get("state").asString()).isEqualTo("RESTORED");
        assertThat(restarted.json().get("restarts").asLong()).isEqualTo(killed);
        String rows = "SELECT count(*) || md5(string_agg(x::text, ',' ORDER BY x::text)) FROM public.big x";
        assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
    }

    private void refused(Operator operator, int exitCode, String failure, String... arguments) {
        Operator.Ended ended = operator.run(arguments);
        assertThat(ended.failure()).isEqualTo(failure);
        assertThat(ended.exitCode()).isEqualTo(exitCode);
    }

    private static String state(Operator operator, long run) {
        return operator.run("runs", "show", String.valueOf(run), "--output", "json")
                .json()
                .get("state")
                .asString();
    }

    /** A backup that is killed while it exports. */
    private static void killInExport(Operator operator, String source) throws Exception {
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = operator.fork(HEAP, operator.backup(source))) {
            hurdle.awaitSomebody();
            backup.stop("KILL");
        }
        noSessions(source);
    }

    private static void noSessions(String source) {
        ServerSays.yes(server, source, "no session of the run is left", """
                SELECT NOT EXISTS (SELECT FROM pg_stat_activity
                                    WHERE datname = current_database() AND application_name LIKE 'hyperkeep/%')""");
    }

    /** Something in the repository that lets the export of a further table fail until it is deleted. */
    private static Path obstacle(Operator operator, String uri) throws Exception {
        ServerSays.done(server, uri, "CREATE TABLE public.late AS SELECT 1 AS id");
        return Files.createFile(operator.newest().databaseFolder().resolve("data/public.late"));
    }

    /** Folders of backups without a manifest. */
    private static List<String> unsealed(Operator operator) {
        return operator.files().stream()
                .filter(file -> file.contains("/backups/"))
                .map(file -> file.substring(0, file.indexOf('/', file.indexOf("/backups/") + 9)))
                .distinct()
                .filter(backup -> !operator.files().contains(backup + "/manifest.json"))
                .toList();
    }

    private static String database() throws SQLException {
        String uri = server.createDatabase("restarted", true);
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.big (id int PRIMARY KEY, big text)",
                "ALTER TABLE public.big ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.big SELECT g, repeat('b', 5000) FROM generate_series(1, 100) g",
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 95) g");
        Gate.build(server, uri);
        return uri;
    }
}

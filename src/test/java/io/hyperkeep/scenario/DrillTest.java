package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A drill restores into a database of its own, leaves nothing behind on the server, and keeps its evidence. */
@Timeout(300)
class DrillTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    static Path folder;

    private static Operator operator;
    private static String source;
    private static String on;

    @BeforeAll
    static void back_up() throws SQLException {
        operator = new Operator(folder, server);
        source = server.createDatabase("drill_source", true);
        on = server.newDatabase("drill_on");
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v float8)",
                "SELECT create_hypertable('public.metrics', 't')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 999) g",
                // holds in the source alone: whoever restores this fails when rows come in
                "CREATE FUNCTION public.here() RETURNS bool LANGUAGE sql STABLE AS $$ SELECT current_database() = '"
                        + ServerSays.one(server, source, "SELECT current_database()") + "' $$",
                "CREATE TABLE public.stays_here (id int CHECK (public.here()))",
                "INSERT INTO public.stays_here VALUES (1)",
                // and whoever restores this is held up in the middle
                "CREATE FUNCTION public.naps() RETURNS bool LANGUAGE plpgsql AS"
                        + " $$ BEGIN IF current_database() LIKE 'hyperkeep_drill_%' THEN PERFORM pg_sleep(100); END IF;"
                        + " RETURN true; END $$",
                "CREATE TABLE public.lasts (id int CHECK (public.naps()))",
                "INSERT INTO public.lasts VALUES (1)");
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
    }

    @Test
    void a_drill_that_passes_leaves_its_evidence_and_nothing_else() throws IOException {
        Operator.Ended ended = operator.run(drill("--include", "metrics", "--output", "json", "--quiet"));

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.json().get("state").stringValue()).isEqualTo("PASSED");
        assertThat(ended.json().get("rows").longValue()).isEqualTo(1000);
        Path file = Path.of(ended.json().get("evidence").stringValue());
        assertThat(evidence()).contains(file);
        JsonNode evidence = JsonMapper.shared().readTree(Files.readString(file));
        assertThat(evidence.get("result").stringValue()).isEqualTo("passed");
        assertThat(evidence.get("backup").stringValue())
                .isEqualTo(operator.newest().id());
        assertThat(evidence.get("run")).isEqualTo(ended.json().get("run"));
        assertThat(evidence.get("user").stringValue()).isEqualTo(System.getProperty("user.name"));
        assertThat(evidence.get("host").stringValue()).isNotEmpty();
        assertThat(evidence.get("rows").longValue()).isEqualTo(1000);
        assertThat(evidence.get("failure").isNull()).isTrue();
        assertThat(evidence.get("phases"))
                .extracting(phase -> phase.get("phase").stringValue())
                .startsWith("read-manifest", "create-scratch", "lock", "restore-schema")
                .endsWith("verify", "properties", "jobs-on", "drop-scratch");
        assertThat(evidence.get("phases"))
                .allMatch(phase -> phase.get("seconds").doubleValue() >= 0);
        assertThat(operator.run("runs", "list").out()).contains("drill").contains("PASSED");
        assertThat(scratches()).isEmpty();
        assertThat(operator.run("verify", "latest", "--repository", operator.repository.toString())
                        .exitCode())
                .isEqualTo(0);
    }

    @Test
    void a_drill_that_fails_says_so_and_drops_its_database_too() throws Exception {
        List<Path> before = evidence();

        Operator.Ended ended = operator.run(drill("--include", "stays_here"));

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.failure()).contains("stays_here").contains("violates check constraint");
        List<Path> kept = new ArrayList<>(evidence());
        kept.removeAll(before);
        assertThat(kept).hasSize(1);
        JsonNode evidence = JsonMapper.shared().readTree(Files.readString(kept.get(0)));
        assertThat(evidence.get("result").stringValue()).isEqualTo("failed");
        assertThat(evidence.get("failure").get("message").stringValue()).contains("violates check constraint");
        assertThat(evidence.get("rows").isNull()).isTrue();
        assertThat(ended.err()).contains("the evidence of this drill is in FOLDER/repository/");
        assertThat(scratches()).isEmpty();
    }

    @Test
    void a_drill_that_is_stopped_drops_its_database_and_says_so() throws Exception {
        CompletableFuture<Operator.Ended> drill =
                operator.begin(drill("--include", "lasts", "--output", "json", "--quiet"));
        ServerSays.yes(server, on, "the drill imports", """
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname IN (%s))
                """.formatted(SCRATCHES.formatted(name())));
        String run = operator.run("runs", "list", "--output", "json")
                .json()
                .at("/runs/0/run")
                .asString();

        assertThat(operator.run("runs", "stop", run).exitCode()).isEqualTo(0);

        Operator.Ended ended = drill.get(60, TimeUnit.SECONDS);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(130);
        assertThat(ended.json().get("state").stringValue()).isEqualTo("STOPPED");
        String evidence = Files.readString(Path.of(ended.json().get("evidence").stringValue()));
        assertThat(JsonMapper.shared().readTree(evidence).get("result").stringValue())
                .isEqualTo("stopped");
        assertThat(scratches()).isEmpty();
    }

    @Test
    void a_copy_of_a_backup_has_no_place_for_evidence_which_is_a_warning() throws IOException {
        Path copy = folder.resolve("copy");
        FileSystemUtils.copyRecursively(operator.newest().databaseFolder(), copy);

        Operator.Ended ended = operator.run(
                "drill",
                copy.resolve("backups").resolve(operator.newest().id()).toString(),
                "--on",
                on,
                "--client-tools",
                server.clientTools().toString(),
                "--include",
                "metrics",
                "--output",
                "json",
                "--quiet");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(3);
        assertThat(ended.json().get("evidence").isNull()).isTrue();
        assertThat(ended.json().get("warnings"))
                .extracting(warning -> warning.get("code").stringValue())
                .contains("evidence-not-kept");
    }

    @Test
    void what_a_killed_drill_left_is_dropped_by_the_next_one_and_no_other_database() throws Exception {
        int before = evidence().size();
        String alike = server.uri("hyperkeep_drill_0123456789ab");
        ServerSays.done(server, on, "CREATE DATABASE hyperkeep_drill_0123456789ab");
        try {
            Gate.build(server, on);
            try (Gate gate = Gate.close(server, on, "drop-scratch");
                    RunningCommand drill = operator.fork(List.of("-Xmx256m"), drill("--include", "metrics"))) {
                gate.awaitSomebody();
                drill.stop("KILL");
            }
            assertThat(scratches()).hasSize(1);
            assertThat(evidence()).hasSize(before);
            String killed = operator.run("runs", "list", "--output", "json")
                    .json()
                    .at("/runs/0/run")
                    .asString();

            Operator.Ended restarted = operator.run("runs", "restart", killed);

            assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
            assertThat(restarted.err())
                    .contains("which drill run " + killed + " had left behind")
                    .contains("database hyperkeep_drill_0123456789ab is called as a drill's, but no drill that is"
                            + " recorded here made it: it stays");
            assertThat(scratches()).isEmpty();
            assertThat(evidence()).hasSize(before + 1);
            assertThat(ServerSays.one(server, alike, "SELECT current_database()"))
                    .isEqualTo("hyperkeep_drill_0123456789ab");
        } finally {
            ServerSays.done(server, on, "DROP DATABASE hyperkeep_drill_0123456789ab WITH (FORCE)");
        }
    }

    @Test
    void a_server_to_restore_on_has_to_be_named_without_a_plan() {
        Operator.Ended ended = operator.run("drill", "latest", "--repository", operator.repository.toString());
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err())
                .isEqualTo("hyperkeep: a server to restore on is missing: this backup was not named by a plan"
                        + System.lineSeparator()
                        + "HINT: give --on URI of any database of the server; the drill creates one of its own there."
                        + System.lineSeparator());
    }

    private String[] drill(String... more) {
        return Operator.with(
                new String[] {
                    "drill",
                    "latest",
                    "--repository",
                    operator.repository.toString(),
                    "--on",
                    on,
                    "--client-tools",
                    server.clientTools().toString()
                },
                more);
    }

    private List<Path> evidence() {
        return operator.files().stream()
                .filter(file -> file.contains("/drills/"))
                .map(operator.repository::resolve)
                .toList();
    }

    /** Databases that drills of this test's source made: others may try theirs on this server. */
    private static final String SCRATCHES = """
            SELECT datname FROM pg_database d
             WHERE datname ~ '^hyperkeep_drill_' AND shobj_description(d.oid, 'pg_database') LIKE 'restore drill of %s by %%'
            """;

    private static List<String> scratches() {
        return ServerSays.all(server, on, SCRATCHES.formatted(name()));
    }

    private static String name() {
        return ServerSays.one(server, source, "SELECT current_database()");
    }
}

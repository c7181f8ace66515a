package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A drill restores into a database of its own, leaves nothing behind on the server, and keeps its evidence. */
@Timeout(300)
class DrillTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    private Operator operator;
    private String source;
    private String on;

    @BeforeEach
    void back_up() throws SQLException {
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
                "CREATE FUNCTION public.here() RETURNS bool LANGUAGE sql STABLE AS"
                        + " $$ SELECT current_database() = '"
                        + ServerSays.one(server, source, "SELECT current_database()")
                        + "' $$",
                "CREATE TABLE public.device (id int)",
                "INSERT INTO public.device VALUES (1)");
    }

    @Test
    void a_drill_that_passes_leaves_its_evidence_and_nothing_else() throws IOException {
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);

        Operator.Ended ended = operator.run(drill("--output", "json", "--quiet"));

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.json().get("state").stringValue()).isEqualTo("PASSED");
        assertThat(ended.json().get("rows").longValue()).isEqualTo(1001);
        Path file = Path.of(ended.json().get("evidence").stringValue());
        assertThat(file).isEqualTo(evidence().get(0));
        JsonNode evidence = JsonMapper.shared().readTree(Files.readString(file));
        assertThat(evidence.get("result").stringValue()).isEqualTo("passed");
        assertThat(evidence.get("backup").stringValue())
                .isEqualTo(operator.newest().id());
        assertThat(evidence.get("run").longValue()).isEqualTo(2);
        assertThat(evidence.get("user").stringValue()).isEqualTo(System.getProperty("user.name"));
        assertThat(evidence.get("host").stringValue()).isNotEmpty();
        assertThat(evidence.get("rows").longValue()).isEqualTo(1001);
        assertThat(evidence.get("failure").isNull()).isTrue();
        assertThat(evidence.get("phases"))
                .extracting(phase -> phase.get("phase").stringValue())
                .startsWith("read-manifest", "create-scratch", "lock", "restore-schema")
                .endsWith("verify", "drop-scratch");
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
        ServerSays.done(server, source, "ALTER TABLE public.device ADD CHECK (public.here())");
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);

        Operator.Ended ended = operator.run(drill());

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.failure()).contains("device").contains("violates check constraint");
        JsonNode evidence =
                JsonMapper.shared().readTree(Files.readString(evidence().get(0)));
        assertThat(evidence.get("result").stringValue()).isEqualTo("failed");
        assertThat(evidence.get("failure").get("message").stringValue()).contains("violates check constraint");
        assertThat(evidence.get("rows").isNull()).isTrue();
        assertThat(ended.err()).contains("the evidence of this drill is in FOLDER/repository/");
        assertThat(scratches()).isEmpty();
    }

    @Test
    void what_a_killed_drill_left_is_dropped_by_the_next_one_and_no_other_database() throws Exception {
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String alike = server.uri("hyperkeep_drill_0123456789ab");
        ServerSays.done(server, on, "CREATE DATABASE hyperkeep_drill_0123456789ab");
        try {
            Gate.build(server, on);
            try (Gate gate = Gate.close(server, on, "drop-scratch");
                    RunningCommand drill = operator.fork(List.of("-Xmx256m"), drill())) {
                gate.awaitSomebody();
                drill.stop("KILL");
            }
            assertThat(scratches()).hasSize(1);
            assertThat(evidence()).isEmpty();

            Operator.Ended restarted = operator.run("runs", "restart", "2");

            assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
            assertThat(restarted.err())
                    .contains("which drill run 2 had left behind")
                    .contains("database hyperkeep_drill_0123456789ab is called as a drill's, but no drill that is"
                            + " recorded here made it: it stays");
            assertThat(scratches()).isEmpty();
            assertThat(evidence()).hasSize(1);
            assertThat(ServerSays.one(server, alike, "SELECT current_database()"))
                    .isEqualTo("hyperkeep_drill_0123456789ab");
        } finally {
            ServerSays.done(server, on, "DROP DATABASE hyperkeep_drill_0123456789ab WITH (FORCE)");
        }
    }

    @Test
    void a_server_to_restore_on_has_to_be_named_without_a_plan() {
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
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

    /** Databases that drills of this test's source made. */
    private List<String> scratches() {
        return ServerSays.all(server, on, """
                SELECT datname FROM pg_database d
                 WHERE datname ~ '^hyperkeep_drill_' AND shobj_description(d.oid, 'pg_database') LIKE 'restore drill of %s by %%'
                """.formatted(ServerSays.one(server, source, "SELECT current_database()")));
    }
}

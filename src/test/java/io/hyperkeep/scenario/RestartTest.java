package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
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
        return uri;
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What scripts rest on: exit codes, and documents with the fields that the command line promises. */
@Timeout(120)
class ExitCodesTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v18();

    @TempDir
    Path folder;

    @Test
    void a_success_is_0_and_each_document_is_alone_on_standard_output() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();

        Operator.Ended backup = operator.run(operator.backup(source, "--output", "json"));
        assertThat(backup.exitCode()).as(backup.err()).isEqualTo(0);
        JsonNode sealed = backup.json();
        assertThat(fields(sealed))
                .contains(
                        "backup",
                        "run",
                        "state",
                        "kind",
                        "tables",
                        "units",
                        "reusedUnits",
                        "rows",
                        "bytes",
                        "storedBytes",
                        "seconds",
                        "consistent",
                        "warnings");
        assertThat(sealed.get("state").asString()).isEqualTo("SEALED");
        assertThat(sealed.get("rows").asLong()).isEqualTo(48 + 10);
        assertThat(sealed.get("tables").asInt()).isEqualTo(2);
        assertThat(sealed.get("consistent").asBoolean()).isTrue();
        assertThat(sealed.get("warnings")).isEmpty();

        Operator.Ended restore =
                operator.run(operator.restore("latest", server.newDatabase("target"), "--output", "json"));
        assertThat(restore.exitCode()).as(restore.err()).isEqualTo(0);
        assertThat(fields(restore.json()))
                .containsExactlyInAnyOrder(
                        "run", "restarts", "state", "tables", "units", "rows", "bytes", "jobs", "seconds", "warnings");
        assertThat(restore.json().get("state").asString()).isEqualTo("RESTORED");
        assertThat(restore.json().get("rows").asLong()).isEqualTo(48 + 10);

        JsonNode backups = operator.run("backups", "--repository", operator.repository.toString(), "--output", "json")
                .json();
        assertThat(fields(backups)).containsExactly("backups");
        assertThat(fields(backups.get("backups").get(0)))
                .contains("backup", "kind", "started", "rows", "bytes", "storedBytes", "consistent", "warnings");
        assertThat(backups.get("backups").get(0).get("backup")).isEqualTo(sealed.get("backup"));

        JsonNode runs = operator.run("runs", "list", "--output", "json").json();
        assertThat(fields(runs)).containsExactly("runs");
        assertThat(runs.get("runs").size()).isEqualTo(2);
        for (JsonNode run : runs.get("runs")) {
            assertThat(fields(run))
                    .containsExactlyInAnyOrder(
                            "run",
                            "job",
                            "database",
                            "plan",
                            "state",
                            "started",
                            "ended",
                            "units",
                            "unitsDone",
                            "failure",
                            "restarts",
                            "restartedAs",
                            "scheduled");
            assertThat(run.get("unitsDone")).isEqualTo(run.get("units"));
            assertThat(run.get("failure").isNull()).isTrue();
        }
        assertThat(runs.get("runs").get(0).get("state").asString()).isEqualTo("RESTORED");
        assertThat(runs.get("runs").get(1).get("state").asString()).isEqualTo("SEALED");
    }

    @Test
    void what_is_not_in_the_backup_is_a_warning_by_name_and_3() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        ServerSays.done(
                server,
                source,
                "CREATE FOREIGN DATA WRAPPER nowhere",
                "CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere",
                "CREATE FOREIGN TABLE public.far (id int) SERVER elsewhere",
                "SELECT lo_create(0)",
                "SELECT lo_create(0)");

        Operator.Ended ended = operator.run(operator.backup(source));
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.err()).contains("""
                        WARNING: foreign table public.far: its definition is in the backup, the rows of the remote server are not
                        WARNING: 2 large objects are not in the backup
                        """);
        assertThat(ended.out()).startsWith("backup ").contains(" sealed in ");
        JsonNode listed = operator.run("backups", "--repository", operator.repository.toString(), "--output", "json")
                .json();
        assertThat(listed.get("backups").get(0).get("warnings").size()).isEqualTo(2);
    }

    @Test
    void a_failure_says_so_in_both_documents_and_progress_never_goes_to_standard_output() throws Exception {
        Operator operator = new Operator(folder, server);

        Operator.Ended ended = operator.run(operator.backup(server.uri("hk_nowhere"), "--output", "json"));
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.json().get("state").asString()).isEqualTo("FAILED");
        assertThat(ended.json().get("backup").isNull()).isTrue();
        assertThat(ended.json().get("consistent").asBoolean()).isFalse();
        assertThat(ended.err()).contains("\"code\" : \"unsuitable\"");
        assertThat(operator.run("backup", "--output", "json").exitCode()).isEqualTo(2);
        assertThat(operator.run("restore", "nothing", "--repository", folder.toString(), "--to", "x")
                        .exitCode())
                .isEqualTo(2);
        Operator.Ended none = operator.run(operator.restore("20200101T000000Z", server.uri("hk_nowhere")));
        assertThat(none.exitCode()).as(none.err()).isEqualTo(10);
    }

    private static String database() throws SQLException {
        String uri = server.createDatabase("codes", true);
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 47) g",
                "CREATE TABLE public.plain AS SELECT g AS id FROM generate_series(1, 10) g");
        return uri;
    }

    private static List<String> fields(JsonNode document) {
        return List.copyOf(document.propertyNames());
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.JobEntry.Limits;
import io.hyperkeep.manifest.JobEntry.Procedure;
import io.hyperkeep.manifest.JobEntry.Schedule;
import io.hyperkeep.manifest.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A backup that has policies and jobs, restored where there can be none: each is named, and nothing else is missing. */
class JobsIntoApacheTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final Schedule DAILY = new Schedule("1 day", false, null, null, null);
    private static final Limits LIMITS = new Limits("00:00:00", -1, "00:05:00");
    private static final TableName METRICS = new TableName("app", "metrics");

    @Test
    void each_is_named() throws Exception {
        assumeTrue(server.edition().equals("apache"), "is about a server of the Apache edition");
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'))",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n FROM generate_series(0, 99) n",
                "CREATE TABLE app.plain (id int PRIMARY KEY)",
                "INSERT INTO app.plain SELECT generate_series(1, 10)",
                "CREATE PROCEDURE app.tidy(job_id int, config jsonb) LANGUAGE sql AS 'SELECT 1'");
        Path backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("r"))
                .exitsWith(0)
                .backup();
        addJobs(backup);
        String target = server.newDatabase("apache");

        Ended restored = hyperkeep.restore(server, backup, target).exitsWith(3);

        String because =
                " is not restored: the target's TimescaleDB is the Apache edition, which has neither policies nor jobs";
        assertThat(restored.warnings())
                .containsExactly(
                        "job-not-restored: job 1000 (policy_retention on app.metrics)" + because,
                        "job-not-restored: job 1001 (app.tidy)" + because);
        assertThat(restored.json().get("jobs")).hasToString("{\"restored\":0,\"on\":0}");
        assertThat(DatabaseContents.differences(
                        EveryObject.contents(server, server.uri()), EveryObject.contents(server, target)))
                .isEmpty();
        String some = server.newDatabase("apache");
        assertThat(hyperkeep
                        .restore(server, backup, some, "--include", "app.plain")
                        .exitsWith(3)
                        .warnings())
                .containsExactly(
                        "not-selected: job 1000 (policy_retention on app.metrics) is not restored: app.metrics is not selected",
                        "not-selected: job 1001 (app.tidy) is not restored: its procedure is not selected");
    }

    /** As if they had been in the source. */
    private static void addJobs(Path backup) throws IOException, SQLException {
        String owner = ServerSays.one(server, server.uri(), "SELECT current_user");
        List<JobEntry> jobs = List.of(
                new JobEntry(
                        1000,
                        new Procedure("_timescaledb_functions", "policy_retention", "timescaledb"),
                        new Procedure("_timescaledb_functions", "policy_retention_check", "timescaledb"),
                        METRICS,
                        null,
                        owner,
                        true,
                        DAILY,
                        LIMITS,
                        "{\"drop_after\": \"1 day\"}",
                        Map.of("hypertable_id", METRICS)),
                new JobEntry(
                        1001,
                        new Procedure("app", "tidy", null),
                        null,
                        null,
                        null,
                        owner,
                        true,
                        DAILY,
                        LIMITS,
                        null,
                        Map.of()));
        Path file = backup.resolve("manifest.json");
        ObjectNode manifest = (ObjectNode) JsonMapper.shared().readTree(file);
        manifest.set("jobs", JsonMapper.shared().valueToTree(jobs));
        Files.writeString(file, manifest.toString());
        Files.delete(backup.resolve("manifest.json.sha256"));
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What only the Community edition has is compared too: each change is found by its name. */
class CompareCommunityTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    @Test
    void each_change_is_found_by_name_and_by_nothing_else() throws SQLException {
        server.requireCommunity("columnstore");
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, device int NOT NULL, value float8)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'), create_default_indexes => false)",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g % 5, g"
                        + " FROM generate_series(0, 99) g",
                "ALTER TABLE app.metrics SET (timescaledb.compress, timescaledb.compress_segmentby = 'device',"
                        + " timescaledb.compress_orderby = 'at DESC')",
                "SELECT compress_chunk(c) FROM show_chunks('app.metrics', older_than => '2026-01-03'::timestamptz) c",
                "CREATE TABLE app.plain (at timestamptz NOT NULL)",
                "SELECT create_hypertable('app.plain', by_range('at', interval '1 day'))",
                RETENTION,
                "CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous) AS"
                        + " SELECT time_bucket('1 day', at) AS day, device, sum(value) FROM app.metrics GROUP BY 1, 2");
        Path backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("repository"))
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("community");
        hyperkeep.restore(server, backup, target).exitsWith(0);
        Change.compare(hyperkeep, backup, target).exitsWith(0);
        Change.compare(hyperkeep, backup, server.uri()).exitsWith(0);

        String job = ServerSays.one(
                server,
                server.uri(),
                "SELECT job_id FROM timescaledb_information.jobs WHERE hypertable_name = 'plain'");
        List<Change> changes =
                CHANGES.stream().map(change -> change.with("ID", job)).toList();
        assertThat(Change.notFound(hyperkeep, backup, server, target, changes)).isEmpty();

        Change.compare(hyperkeep, backup, target).exitsWith(0);
        hyperkeep
                .run(
                        "drill",
                        backup.toString(),
                        "--on",
                        server.uri(),
                        "--client-tools",
                        server.clientTools().toString())
                .exitsWith(0);
    }

    /** Far away: it shall not run while the test does. */
    private static final String RETENTION =
            "SELECT add_retention_policy('app.plain', interval '100 years', schedule_interval => interval '2 days',"
                    + " initial_start => '2100-01-01'::timestamptz)";

    private static final String ALTER_RETENTION =
            "SELECT alter_job(job_id, schedule_interval => interval '%s') FROM timescaledb_information.jobs"
                    + " WHERE hypertable_name = 'plain'";

    private static final List<Change> CHANGES = List.of(
            Change.of(
                    "UPDATE app.metrics SET value = -1 WHERE at = '2026-01-01 05:00:00'",
                    "UPDATE app.metrics SET value = 5 WHERE at = '2026-01-01 05:00:00'; SELECT compress_chunk(c, true)"
                            + " FROM show_chunks('app.metrics', older_than => '2026-01-02'::timestamptz) c",
                    "app.metrics: has as many rows as the backup, 100, but not the same ones",
                    "app.metrics, rows of "),
            Change.of(
                    "ALTER TABLE app.metrics SET (timescaledb.compress_orderby = 'at ASC')",
                    "ALTER TABLE app.metrics SET (timescaledb.compress_orderby = 'at DESC')",
                    "table app.metrics: its columnstore's orderby is "),
            Change.of(
                    "ALTER TABLE app.plain SET (timescaledb.compress)",
                    "ALTER TABLE app.plain SET (timescaledb.compress = false)",
                    "table app.plain: has columnstore "),
            Change.of(
                    "SELECT decompress_chunk(c) FROM show_chunks('app.metrics', older_than => '2026-01-02'::timestamptz) c",
                    "SELECT compress_chunk(c) FROM show_chunks('app.metrics', older_than => '2026-01-02'::timestamptz) c",
                    "table app.metrics, chunk _timescaledb_internal."),
            Change.of(
                    ALTER_RETENTION.formatted("3 days"),
                    ALTER_RETENTION.formatted("2 days"),
                    "job ID (policy_retention on app.plain): its schedule interval is 3 days, not 2 days"),
            Change.of(
                    "SELECT remove_retention_policy('app.plain')",
                    RETENTION,
                    "job ID (policy_retention on app.plain): is missing"),
            Change.of(
                    "ALTER MATERIALIZED VIEW app.daily SET (timescaledb.materialized_only = false)",
                    "ALTER MATERIALIZED VIEW app.daily SET (timescaledb.materialized_only = true)",
                    "continuous aggregate app.daily: whether it is materialized only is false, not true"),
            Change.of(
                    "COMMENT ON VIEW app.daily IS 'sums'",
                    "COMMENT ON VIEW app.daily IS NULL",
                    "continuous aggregate app.daily: has comment sums, the backup has none"),
            Change.of(
                    "GRANT SELECT ON app.daily TO PUBLIC",
                    "REVOKE SELECT ON app.daily FROM PUBLIC",
                    "continuous aggregate app.daily: has grants PUBLIC=SELECT, the backup has none"));
}

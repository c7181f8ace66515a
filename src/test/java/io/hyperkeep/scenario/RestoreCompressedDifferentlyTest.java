package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Compressed hypertables under other names, with other chunks, beside the ones that are in use. */
class RestoreCompressedDifferentlyTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static Path backup;

    @BeforeAll
    static void fill() throws SQLException {
        server.requireCommunity("the columnstore");
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, device int NOT NULL, v float8)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'))",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + n * interval '10 minutes', n % 7, n"
                        + " FROM generate_series(0, 1439) n",
                "CREATE INDEX by_device ON app.metrics (device, at)",
                "ALTER TABLE app.metrics SET (timescaledb.compress, timescaledb.compress_segmentby = 'device',"
                        + " timescaledb.compress_orderby = 'at DESC')",
                "SELECT compress_chunk(c) FROM show_chunks('app.metrics', older_than => '2026-01-07'::timestamptz) c");
        backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("repository"), "--unit-size", "1KiB")
                .exitsWith(0)
                .backup();
    }

    @Test
    void chunks_of_which_all_rows_were_compressed_are_compressed_again() throws SQLException {
        Ended restored = hyperkeep
                .restore(
                        server,
                        backup,
                        server.uri(),
                        "--include",
                        "app.metrics",
                        "--rename",
                        "app.metrics=app.kept",
                        "--chunk-interval",
                        "metrics=36h",
                        "--partition",
                        "metrics=device:2")
                .exitsWith(0);

        assertThat(restored.json().get("rows").longValue()).isEqualTo(1440);
        // six days of one day each were compressed, which are four times 36 hours; two partitions
        assertThat(EveryObject.ask(
                        server,
                        server.uri(),
                        "SELECT count(*) FILTER (WHERE is_compressed) || ' of ' || count(*)"
                                + " FROM timescaledb_information.chunks WHERE hypertable_name = 'kept'"))
                .isEqualTo("8 of 14");
        assertThat(EveryObject.ask(
                        server,
                        server.uri(),
                        "SELECT count(*) FROM (SELECT * FROM app.metrics EXCEPT ALL SELECT * FROM app.kept) x"))
                .isEqualTo("0");
        server.execute("DROP TABLE app.kept");
    }

    @Test
    void rows_of_some_time_are_filled_into_a_table_with_settings_of_its_own() throws SQLException {
        server.execute(
                "CREATE TABLE app.own (device int NOT NULL, at timestamptz NOT NULL, v float8)",
                "SELECT create_hypertable('app.own', by_range('at', interval '5 days'))",
                "ALTER TABLE app.own SET (timescaledb.compress, timescaledb.compress_segmentby = '')");

        hyperkeep
                .restore(
                        server,
                        backup,
                        server.uri(),
                        "--include",
                        "app.metrics",
                        "--data-only",
                        "--rename",
                        "app.metrics=app.own",
                        "--from",
                        "2026-01-03T12:00",
                        "--until",
                        "2026-01-06")
                .exitsWith(0);

        assertThat(EveryObject.ask(
                        server, server.uri(), "SELECT count(*) || ' ' || min(at) || ' ' || max(at) FROM app.own"))
                .isEqualTo("360 2026-01-03 12:00:00+00 2026-01-05 23:50:00+00");
        assertThat(EveryObject.ask(
                        server,
                        server.uri(),
                        "SELECT count(*) || ' ' || coalesce(max(segmentby), '')"
                                + " FROM timescaledb_information.hypertable_compression_settings"
                                + " WHERE hypertable = 'app.own'::regclass"))
                .isEqualTo("1 ");
        server.execute("DROP TABLE app.own");
    }
}

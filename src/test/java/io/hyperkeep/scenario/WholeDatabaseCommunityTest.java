package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerLogin;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What pg_dump and pg_restore lose of what only the Community edition has, and what becomes of it here. */
@Timeout(300)
class WholeDatabaseCommunityTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    /** Rows, and where they are: values of every row, compressed chunks with their batches, aggregates, policies. */
    private static final String STATE = """
            SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
                SELECT format('metrics %s %s', count(*), sum(hashtextextended(m::text, 0))) AS line FROM app.metrics m
                UNION ALL SELECT format('daily %s %s', count(*), sum(hashtextextended(d::text, 0))) FROM app.daily d
                UNION ALL SELECT format('filled %s', sum(n)) FROM app.filled
                UNION ALL SELECT format('chunk %s %s', chunk_name, is_compressed) FROM timescaledb_information.chunks
                UNION ALL SELECT format('stored %s %s', numrows_pre_compression, numrows_post_compression)
                    FROM _timescaledb_catalog.compression_chunk_size
                UNION ALL SELECT format('job %s %s %s', id, proc_name, config) FROM _timescaledb_config.bgw_job
                    WHERE id >= 1000) lines
            """;

    private String source;

    @BeforeEach
    void fill() throws SQLException {
        server.requireCommunity("columnstore, continuous aggregates, policies and jobs");
        source = server.createDatabase("whole_source", true);
        ServerSays.done(
                server,
                source,
                "CREATE SCHEMA app",
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, device int NOT NULL, value float8)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'))",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + n * interval '10 minutes', n % 7, n"
                        + " FROM generate_series(0, 999) n",
                "ALTER TABLE app.metrics SET (timescaledb.compress, timescaledb.compress_segmentby = 'device',"
                        + " timescaledb.compress_orderby = 'at DESC')",
                "SELECT compress_chunk(c) FROM show_chunks('app.metrics', older_than => '2026-01-05'::timestamptz) c",
                // late rows: that chunk is compressed in part only
                "INSERT INTO app.metrics SELECT '2026-01-02 00:00:01'::timestamptz + n * interval '1 minute', n, n"
                        + " FROM generate_series(1, 20) n");
    }

    private static Ended whole(String uri) {
        return hyperkeep.backup(server, uri, hyperkeep.folder().resolve("repository"), "--kind", "database");
    }

    private static String state(String uri) {
        return ServerSays.one(server, uri, STATE);
    }

    @Test
    void the_value_of_a_column_added_after_compression_is_not_lost() throws Exception {
        ServerSays.done(server, source, "ALTER TABLE app.metrics ADD COLUMN site int DEFAULT 7");
        String sites = "SELECT count(site) FROM app.metrics";
        assertThat(ServerSays.one(server, source, sites)).isEqualTo("1020");
        assertThat(Long.parseLong(ServerSays.one(server, plain(source), sites))).isLessThan(1020);

        Ended refused = whole(source);

        refused.exitsWith(1);
        assertThat(refused.err())
                .contains("pg_dump would lose values: a column was added with a default to chunks that were compressed"
                        + " before, and the default of these rows is only in the catalog, which is not dumped: ")
                .contains("_chunk, column site; ")
                .contains(
                        "compress these chunks anew, with decompress_chunk() and compress_chunk(), or make a backup of"
                                + " kind tables, which reads rows as queries do");
        ServerSays.done(
                server,
                source,
                "SELECT decompress_chunk(c, true) FROM show_chunks('app.metrics') c",
                "SELECT compress_chunk(c) FROM show_chunks('app.metrics') c");
        Ended backup = whole(source).exitsWith(0);
        String target = server.newDatabase("whole_added");
        hyperkeep.restore(server, backup.backup(), target).exitsWith(0);
        assertThat(ServerSays.one(server, target, sites)).isEqualTo("1020");
    }

    @Test
    void compressed_rows_aggregates_views_and_policies_come_back() throws Exception {
        ServerSays.done(
                server,
                source,
                "CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS day,"
                        + " device, sum(value) FROM app.metrics GROUP BY 1, 2 WITH NO DATA",
                "CALL refresh_continuous_aggregate('app.daily', NULL, '2026-01-06')",
                "CREATE MATERIALIZED VIEW app.filled AS SELECT device, count(*) AS n FROM app.metrics GROUP BY 1",
                // what is old by now would be dropped at once
                "SELECT add_retention_policy('app.metrics', interval '1 day', initial_start => now() + interval '1 year')",
                "SELECT alter_job(job_id, timezone => 'Europe/Berlin') FROM timescaledb_information.jobs"
                        + " WHERE proc_name = 'policy_retention'");
        String before = state(source);
        Ended backup = whole(source).exitsWith(0);

        for (String jobs : List.of("2", "1")) {
            String target = server.newDatabase("whole");
            Ended restored = hyperkeep.restore(server, backup.backup(), target, "--jobs", jobs);

            assertThat(restored.exitCode()).as(restored.err()).isEqualTo(3);
            assertThat(restored.warnings())
                    .anyMatch(warning -> warning.startsWith("job-off: ") && warning.contains("it would at once drop"));
            assertThat(state(target)).isEqualTo(before);
            // compressed rows are the very same, as they are stored
            hyperkeep.compare(server, backup.backup(), target, "--jobs-off").exitsWith(0);
            assertThat(ServerSays.one(
                            server,
                            target,
                            "SELECT scheduled || ' ' || timezone FROM _timescaledb_config.bgw_job WHERE id >= 1000"))
                    .isEqualTo("false Europe/Berlin");
        }

        String plain = plain(source);
        assertThat(ServerSays.one(server, plain, "SELECT sum(n) FROM app.filled"))
                .isNotEqualTo("1020");
    }

    @Test
    void batches_of_more_rows_than_can_be_read_back_are_refused() throws SQLException {
        String companion = ServerSays.one(
                server,
                source,
                "SELECT compress_relid::regclass FROM _timescaledb_catalog.compression_settings"
                        + " WHERE compress_relid IS NOT NULL ORDER BY relid LIMIT 1");
        String chunk = ServerSays.one(
                server,
                source,
                "SELECT relid::regclass FROM _timescaledb_catalog.compression_settings"
                        + " WHERE compress_relid IS NOT NULL ORDER BY relid LIMIT 1");
        // no setting of these versions makes one: it is only said to be so large
        ServerSays.done(
                server,
                source,
                "UPDATE " + companion + " SET _ts_meta_count = 32768 WHERE ctid = (SELECT min(ctid) FROM " + companion
                        + ")");

        Ended refused = whole(source);

        refused.exitsWith(1);
        assertThat(refused.err())
                .contains("pg_restore could not read back compressed batches of more than 32767 rows, and they are in "
                        + chunk)
                .contains(
                        "compress these chunks anew, with decompress_chunk() and compress_chunk(), or make a backup of"
                                + " kind tables, which reads rows as queries do");
    }

    @Test
    void batches_without_a_value_come_back_or_are_refused() throws Exception {
        ServerSays.done(
                server,
                source,
                "ALTER TABLE app.metrics ADD COLUMN note text",
                "SELECT decompress_chunk(c, true) FROM show_chunks('app.metrics') c",
                "SELECT compress_chunk(c) FROM show_chunks('app.metrics') c");
        String rows = "SELECT count(*) FROM app.metrics";
        boolean lost =
                !ServerSays.one(server, plain(source, List.of(0, 1)), rows).equals("1020");

        Ended backup = whole(source);

        if (lost) {
            backup.exitsWith(1);
            assertThat(backup.err())
                    .contains(
                            "pg_restore could not read back compressed batches in which a column has no value at all: this"
                                    + " version of TimescaleDB writes what it does not read, in ")
                    .contains("_chunk, column note; ")
                    .contains("make a backup of kind tables, which reads rows as queries do, or update TimescaleDB");
        } else {
            String target = server.newDatabase("whole_notes");
            hyperkeep.restore(server, backup.exitsWith(0).backup(), target).exitsWith(0);
            assertThat(ServerSays.one(server, target, rows)).isEqualTo("1020");
        }
    }

    @Test
    void a_restore_that_fails_leaves_restoring_mode_whatever_its_jobs_need() throws Exception {
        ServerSays.done(
                server,
                source,
                "SELECT add_reorder_policy('app.metrics', 'metrics_at_idx', initial_start => now() + interval '1 year')");
        Ended backup = whole(source).exitsWith(0);
        String target = server.newDatabase("whole_failed");

        Ended failed = hyperkeep.run(
                "restore",
                backup.backup().toString(),
                "--to",
                ServerLogin.of(target).uri(),
                "--client-tools",
                toolsWithoutIndexes().toString());

        failed.exitsWith(1);
        assertThat(failed.err()).contains("pg_restore").doesNotContain("may still be in restoring mode");
        assertThat(ServerSays.one(
                        server,
                        target,
                        "SELECT current_setting('timescaledb.restoring') || ' ' || bool_or(scheduled)"
                                + " FROM _timescaledb_config.bgw_job WHERE id >= 1000"))
                .isEqualTo("off false");
    }

    /** The server's client programs; pg_restore fails where indexes come, which the policy needs. */
    private static Path toolsWithoutIndexes() throws IOException {
        Path tools = Files.createTempDirectory(hyperkeep.folder(), "tools");
        Files.createSymbolicLink(tools.resolve("psql"), server.clientTools().resolve("psql"));
        Path pgRestore = Files.writeString(
                tools.resolve("pg_restore"), """
                #!/bin/sh
                case "$*" in *4-post-data*) echo 'pg_restore: error: no indexes today' >&2; exit 1 ;; esac
                exec '%s' "$@"
                """.formatted(server.clientTools().resolve("pg_restore")));
        Files.setPosixFilePermissions(pgRestore, PosixFilePermissions.fromString("rwx------"));
        return tools;
    }

    @Test
    void an_archive_of_an_older_version_is_restored_and_then_updated() throws SQLException {
        List<String> versions = ServerSays.all(
                server,
                server.uri(),
                "SELECT version FROM pg_available_extension_versions WHERE name = 'timescaledb'"
                        + " ORDER BY string_to_array(version, '.')::int[]");
        assumeTrue(versions.size() > 1, "the server has one version of TimescaleDB only");
        String older = versions.get(0);
        String newer = versions.get(versions.size() - 1);
        assumeTrue(
                older.equals(ServerSays.one(
                        server, source, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")),
                "databases here do not begin with the oldest version");
        Ended backup = whole(source).exitsWith(0);
        String rows = "SELECT count(*) || ' ' || sum(hashtextextended(m::text, 0)) FROM app.metrics m";
        String target = server.newDatabase("whole_updated");

        Ended refused = hyperkeep.restore(server, backup.backup(), target, "--update-extension=1.2.3");
        Ended restored = hyperkeep.restore(server, backup.backup(), target, "--update-extension=" + newer);

        refused.exitsWith(1);
        assertThat(refused.err())
                .contains(
                        "the target's server does not offer TimescaleDB 1.2.3, which --update-extension asks for: it has "
                                + String.join(", ", versions))
                .contains("give one of these, or none for the server's default");
        restored.exitsWith(0);
        assertThat(ServerSays.one(server, target, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"))
                .isEqualTo(newer);
        assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
        assertThat(ServerSays.one(
                        server, target, "SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed"))
                .isEqualTo(ServerSays.one(
                        server, source, "SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed"));
    }

    @Test
    void jobs_that_plain_pg_restore_lets_run_at_once_do_not() throws Exception {
        ServerSays.done(
                server,
                source,
                "SELECT _timescaledb_functions.stop_background_workers()",
                "SELECT add_retention_policy('app.metrics', interval '1 day', initial_start => '2026-01-01')");
        Ended backup = whole(source).exitsWith(0);
        String target = server.newDatabase("whole_jobs");

        Ended restored = hyperkeep.restore(server, backup.backup(), target);

        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(3);
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM app.metrics"))
                .isEqualTo("1020");
        ServerSays.yes(
                server,
                plain(source),
                "plain pg_restore's retention policy has dropped what was restored",
                // not by its rows: whoever reads them can get into a deadlock with the policy
                "SELECT count(*) = 0 FROM pg_class WHERE relname LIKE '\\_hyper\\_%\\_chunk'");
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM app.metrics"))
                .isEqualTo("1020");
    }

    /** What the documented commands make of a database. */
    private static String plain(String uri) throws Exception {
        return plain(uri, List.of(0));
    }

    private static String plain(String uri, List<Integer> exitCodes) throws Exception {
        Path archive = Files.createTempDirectory(hyperkeep.folder(), "plain").resolve("archive");
        String target = server.newDatabase("whole_plain");
        ran(List.of(0), uri, "pg_dump", "-Fc", "-f", archive.toString());
        ServerSays.done(server, target, "CREATE EXTENSION timescaledb", "SELECT timescaledb_pre_restore()");
        ran(
                exitCodes,
                target,
                "pg_restore",
                "-d",
                "dbname=" + ServerLogin.of(target).variables().get("PGDATABASE"),
                archive.toString());
        ServerSays.done(server, target, "SELECT timescaledb_post_restore()");
        return target;
    }

    private static void ran(List<Integer> exitCodes, String uri, String tool, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(server.clientTools().resolve(tool).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(ServerLogin.of(uri).variables());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as("%s: %s", tool, said).isIn(exitCodes);
    }
}

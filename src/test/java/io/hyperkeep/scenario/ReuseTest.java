package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.BackupFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Tonight's backup exports what changed since last night's, and nothing else. */
@Timeout(120)
class ReuseTest {
    private static final int CHUNKS = 8;
    private static final int UNITS = CHUNKS + 2;
    /** Smaller than any chunk, so that each is a unit. */
    private static final String[] EACH_ALONE = {"--unit-size", "8KiB"};

    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    /** The same program with another home: it knows of no run. */
    @RegisterExtension
    static final HyperkeepRuns elsewhere = new HyperkeepRuns();

    private String source;
    private Path repository;

    @BeforeEach
    void fill() throws SQLException {
        source = server.createDatabase("reuse", true);
        repository = hyperkeep.folder().resolve(source.substring(source.lastIndexOf('/') + 1));
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, device int, v float8)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 minute', g % 7, g / 3.0"
                        + " FROM generate_series(0, " + (CHUNKS * 1440 - 1) + ") g",
                "CREATE TYPE public.mood AS ENUM ('bad', 'good')",
                "CREATE TABLE public.site (id int PRIMARY KEY, name text, mood public.mood)",
                "INSERT INTO public.site VALUES (1, 'a', 'bad'), (2, NULL, 'good')",
                "CREATE TABLE public.named (c regclass)",
                "INSERT INTO public.named VALUES ('public.site')");
        ServerSays.everybodyElseEnded(server, source);
    }

    @Test
    void an_unchanged_database_is_reused_but_for_what_can_not_be_compared() throws Exception {
        Ended first = backup();
        Ended second = backup();

        assertThat(reexported(first)).isEqualTo(Map.of("new", UNITS));
        assertThat(first.json().get("reusedUnits").asInt()).isZero();
        assertThat(second.json().get("units").asInt()).isEqualTo(UNITS);
        assertThat(reexported(second)).isEqualTo(Map.of("not-comparable", 1));
        assertThat(second.json().get("reusedUnits").asInt()).isEqualTo(UNITS - 1);
        assertThat(second.json().get("rows")).isEqualTo(first.json().get("rows"));
        assertThat(second.json().get("storedBytes")).isEqualTo(first.json().get("storedBytes"));
        assertThat(second.json().get("writtenBytes").asLong()).isLessThan(100);
        assertThat(manifest(second).snapshot().xmin())
                .isEqualTo(unit(second, "site").snapshotXmin());
        hyperkeep.run("verify", second.backup().toString()).exitsWith(0);
    }

    @Test
    void of_an_insert_and_a_delete_exactly_these_two_chunks_are_exported_and_all_is_restored() throws Exception {
        backup();
        ServerSays.done(
                server,
                source,
                "INSERT INTO public.metrics VALUES ('2026-01-03 12:00', 1, 2)",
                "DELETE FROM public.metrics WHERE t = '2026-01-07 12:00'");

        Ended second = backup();

        assertThat(reexported(second)).isEqualTo(Map.of("rows-added", 1, "rows-removed", 1, "not-comparable", 1));
        assertThat(second.json().get("reusedUnits").asInt()).isEqualTo(UNITS - 3);
        String target = server.newDatabase("reuse_restored");
        hyperkeep.restore(server, second.backup(), target).exitsWith(0);
        for (String table : List.of("metrics", "site", "named")) {
            String rows =
                    "SELECT count(*) || md5(string_agg(r::text, ' ' ORDER BY r::text)) FROM public." + table + " r";
            assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
        }
        hyperkeep.run("verify", second.backup().toString()).exitsWith(0);
    }

    @Test
    void full_exports_everything_again() throws Exception {
        backup();

        Ended full = backup("--full");

        assertThat(reexported(full)).isEqualTo(Map.of("full", UNITS));
        assertThat(reexported(backup())).isEqualTo(Map.of("not-comparable", 1));
    }

    @Test
    void without_any_record_of_runs_the_last_manifest_vouches() throws Exception {
        backup();

        Ended second = elsewhere.backup(server, source, repository, EACH_ALONE).exitsWith(0);

        assertThat(reexported(second)).isEqualTo(Map.of("not-comparable", 1));
    }

    @Test
    void a_backup_of_one_table_does_not_hide_what_the_one_before_has_of_the_others() throws Exception {
        backup();
        backup("--include", "public.site");

        assertThat(reexported(backup())).isEqualTo(Map.of("not-comparable", 1));
    }

    @Test
    void what_is_in_the_schema_is_compared_too() throws Exception {
        backup();
        ServerSays.done(server, source, "ALTER TYPE public.mood RENAME VALUE 'bad' TO 'awful'");

        assertThat(reexported(backup())).isEqualTo(Map.of("schema", 1, "not-comparable", 1));

        ServerSays.done(server, source, "ALTER TABLE public.metrics ADD COLUMN unit text DEFAULT 'kW'");
        ServerSays.everybodyElseEnded(server, source);
        assertThat(reexported(backup())).isEqualTo(Map.of("schema", CHUNKS, "not-comparable", 1));

        assertThat(reexported(backup("--compression", "gzip")))
                .isEqualTo(Map.of("codec", UNITS - 1, "not-comparable", 1));
    }

    @Test
    void a_chunk_that_was_made_again_is_new() throws Exception {
        backup();
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.kept AS SELECT * FROM public.metrics WHERE t < '2026-01-02'",
                "SELECT drop_chunks('public.metrics', older_than => '2026-01-02'::timestamptz)",
                "INSERT INTO public.metrics SELECT * FROM public.kept",
                "DROP TABLE public.kept");
        ServerSays.everybodyElseEnded(server, source);

        assertThat(reexported(backup())).isEqualTo(Map.of("new", 1, "not-comparable", 1));
    }

    @Test
    void a_file_that_is_missing_or_cut_is_exported_again() throws Exception {
        Ended first = backup();
        Files.delete(file(first, unit(first, "site")));
        List<UnitEntry> chunks = units(first, "metrics");
        Path cut = file(first, chunks.get(3));
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 100));

        Ended second = backup();

        assertThat(reexported(second)).isEqualTo(Map.of("file-missing", 1, "file-damaged", 1, "not-comparable", 1));
        hyperkeep.run("verify", second.backup().toString()).exitsWith(0);
        hyperkeep.run("verify", first.backup().toString()).exitsWith(0);
    }

    @Test
    void a_file_with_other_bytes_is_found_by_verify_and_by_verify_reused() throws Exception {
        Ended first = backup();
        Path altered = file(first, units(first, "metrics").get(5));
        byte[] bytes = Files.readAllBytes(altered);
        bytes[bytes.length / 2] ^= 1;
        Files.write(altered, bytes);

        Ended trusting = backup();
        assertThat(reexported(trusting)).isEqualTo(Map.of("not-comparable", 1));
        assertThat(hyperkeep.run("verify", trusting.backup().toString()).exitCode())
                .isNotZero();

        Ended reading = backup("--verify-reused");
        assertThat(reexported(reading)).isEqualTo(Map.of("file-damaged", 1, "not-comparable", 1));
        hyperkeep.run("verify", reading.backup().toString()).exitsWith(0);
    }

    @Test
    void a_transaction_that_was_open_during_the_first_backup_is_in_the_second() throws Exception {
        try (Connection writer = server.connect(source)) {
            writer.setAutoCommit(false);
            ServerSays.run(writer, "SAVEPOINT deeper");
            ServerSays.run(writer, "INSERT INTO public.metrics VALUES ('2026-01-05 12:00', 9, 9)");
            ServerSays.run(writer, "DELETE FROM public.metrics WHERE t = '2026-01-05 13:00'");
            ServerSays.run(writer, "RELEASE SAVEPOINT deeper");
            backup();
            writer.commit();
        }
        ServerSays.everybodyElseEnded(server, source);

        // as many rows as before, and one of them another
        assertThat(reexported(backup())).isEqualTo(Map.of("rows-added", 1, "not-comparable", 1));
    }

    @Test
    void another_cluster_of_the_same_name_is_told() throws Exception {
        Ended first = backup();
        Path manifest = first.backup().resolve("manifest.json");
        Manifest told = manifest(first);
        Files.writeString(
                manifest, Files.readString(manifest).replace(told.source().systemIdentifier(), "1"));
        Files.deleteIfExists(first.backup().resolve("manifest.json.sha256"));

        assertThat(reexported(backup())).isEqualTo(Map.of("other-system", UNITS));
    }

    @Test
    void light_locks_reuse_by_the_same_rule() throws Exception {
        backup("--lock", "light");
        ServerSays.done(server, source, "UPDATE public.site SET name = 'b' WHERE id = 2");

        Ended second = backup("--lock", "light");

        assertThat(reexported(second)).isEqualTo(Map.of("rows-added", 1, "not-comparable", 1));
        assertThat(second.json().get("consistent").asBoolean()).isTrue();
    }

    @Test
    void a_restart_reuses_what_the_failed_run_had_finished_and_reads_it_first(@TempDir Path folder) throws Exception {
        Operator operator = new Operator(folder, server);
        operator.run(operator.backup(source, "--include", "public.named"));
        Path database;
        try (Stream<Path> folders = Files.list(operator.repository)) {
            database = folders.filter(Files::isDirectory)
                    .filter(each -> Files.exists(each.resolve("backups")))
                    .findFirst()
                    .orElseThrow();
        }
        // a file where a folder should be; the smallest table comes last
        Path obstacle = database.resolve("data/public.site");
        Files.createFile(obstacle);
        String[] plan = {"--unit-size", "8KiB", "--jobs", "1", "--output", "json"};
        assertThat(operator.run(operator.backup(source, plan)).exitCode()).isEqualTo(1);
        Files.delete(obstacle);
        Path altered;
        try (Stream<Path> files = Files.list(database.resolve("data/public.metrics"))) {
            altered = files.sorted().findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(altered);
        bytes[bytes.length / 2] ^= 1;
        Files.write(altered, bytes);

        Operator.Ended restarted = operator.run("runs", "restart", "2", "--output", "json");

        assertThat(restarted.exitCode()).as(restarted.err()).isZero();
        assertThat(restarted.json().get("reusedUnits").asInt()).isEqualTo(CHUNKS - 1);
        assertThat(restarted.json().get("reexported").get("file-damaged").asInt())
                .isEqualTo(1);
        assertThat(restarted.json().get("reexported").get("new").asInt()).isEqualTo(1);
        assertThat(operator.run("verify", "latest", "--repository", operator.repository.toString())
                        .exitCode())
                .isZero();
    }

    private Ended backup(String... options) {
        String[] all = Arrays.copyOf(EACH_ALONE, EACH_ALONE.length + options.length);
        System.arraycopy(options, 0, all, EACH_ALONE.length, options.length);
        return hyperkeep.backup(server, source, repository, all).exitsWith(0);
    }

    private static Map<String, Integer> reexported(Ended backup) {
        return JsonMapper.shared().convertValue(backup.json().get("reexported"), new TypeReference<>() {});
    }

    private static Manifest manifest(Ended backup) {
        return new BackupFolder(backup.backup()).manifest();
    }

    private static List<UnitEntry> units(Ended backup, String table) {
        return manifest(backup).tables().stream()
                .filter(entry -> entry.name().name().equals(table))
                .findFirst()
                .orElseThrow()
                .units();
    }

    private static UnitEntry unit(Ended backup, String table) {
        return units(backup, table).get(0);
    }

    private static Path file(Ended backup, UnitEntry unit) throws IOException {
        return new BackupFolder(backup.backup()).file(unit);
    }
}

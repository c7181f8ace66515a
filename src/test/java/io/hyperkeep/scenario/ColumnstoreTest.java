package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How hypertables store their chunks comes back: settings, compressed chunks, tablespaces, chunk skipping. */
class ColumnstoreTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static String tablespace;
    private static DatabaseContents source;
    private static Path backup;

    @BeforeAll
    static void back_up() throws SQLException {
        server.requireCommunity("columnstore");
        tablespace = ServerObjects.name("hk_space_");
        objects.createTablespace(server, tablespace);
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.device (id int PRIMARY KEY)",
                "INSERT INTO app.device SELECT generate_series(0, 6)",
                // names that have to be quoted; keys and a foreign key
                "CREATE TABLE app.\"Mé, \"\"tric\" (\"At\" timestamptz NOT NULL, \"Dev,ice\" int REFERENCES app.device,"
                        + " \"o'rder\"\" DESC\" float8, note text, UNIQUE (\"At\", \"Dev,ice\"))",
                "SELECT create_hypertable('app.\"Mé, \"\"tric\"', by_range('At', interval '1 day'))",
                "INSERT INTO app.\"Mé, \"\"tric\" SELECT '2026-01-01'::timestamptz + n * interval '10 minutes', n % 7, n * 1.5,"
                        + " repeat('x', n % 9) FROM generate_series(0, 1499) n",
                "ALTER TABLE app.\"Mé, \"\"tric\" SET (timescaledb.compress, timescaledb.compress_segmentby = '\"Dev,ice\"',"
                        + " timescaledb.compress_orderby = '\"At\" DESC NULLS LAST, \"o''rder\"\" DESC\" ASC NULLS FIRST')",
                "SELECT compress_chunk(c) FROM show_chunks('app.\"Mé, \"\"tric\"', older_than => '2026-01-04'::timestamptz) c",
                // other settings by now, which older chunks do not have
                "ALTER TABLE app.\"Mé, \"\"tric\" SET (timescaledb.compress_segmentby = '',"
                        + " timescaledb.compress_orderby = '\"At\"', timescaledb.sparse_index = 'bloom(\"note\")')",
                "SELECT compress_chunk(c) FROM show_chunks('app.\"Mé, \"\"tric\"', newer_than => '2026-01-04'::timestamptz,"
                        + " older_than => '2026-01-08'::timestamptz) c",
                // in part only
                "INSERT INTO app.\"Mé, \"\"tric\" SELECT '2026-01-02 00:00:01'::timestamptz + n * interval '1 minute', 1, n, 'late'"
                        + " FROM generate_series(1, 20) n",
                "SELECT _timescaledb_functions.freeze_chunk((SELECT tableoid FROM app.\"Mé, \"\"tric\" WHERE \"At\" = '2026-01-05'"
                        + " LIMIT 1)::regclass)",
                // a column that compressed rows do not have
                "ALTER TABLE app.\"Mé, \"\"tric\" ADD fast int DEFAULT 7",
                // all left to TimescaleDB
                "CREATE TABLE app.automatic (at timestamptz NOT NULL, device int NOT NULL, v int)",
                "SELECT create_hypertable('app.automatic', by_range('at', interval '1 day'))",
                "CREATE INDEX ON app.automatic (device, at)",
                "INSERT INTO app.automatic SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n % 3, n FROM generate_series(0, 99) n",
                "ANALYZE app.automatic",
                "ALTER TABLE app.automatic SET (timescaledb.compress)",
                "SELECT compress_chunk(c) FROM show_chunks('app.automatic', older_than => '2026-01-04'::timestamptz) c",
                // several dimensions, merged chunks
                "CREATE TABLE app.merged (at timestamptz NOT NULL, device int NOT NULL, v int)",
                "SELECT create_hypertable('app.merged', by_range('at', interval '1 day'))",
                "SELECT add_dimension('app.merged', by_hash('device', 2))",
                "INSERT INTO app.merged SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n % 5, n FROM generate_series(0, 299) n",
                "ALTER TABLE app.merged SET (timescaledb.compress, timescaledb.compress_orderby = 'at',"
                        + " timescaledb.compress_chunk_time_interval = '3 days')",
                "SELECT compress_chunk(c) FROM show_chunks('app.merged', older_than => '2026-01-06'::timestamptz) c",
                // integers, their own now; chunk skipping
                "CREATE FUNCTION app.\"now!\"() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 1000::bigint'",
                "CREATE TABLE app.counted (at bigint NOT NULL, v int, w int)",
                "SELECT create_hypertable('app.counted', by_range('at', 100))",
                "SELECT set_integer_now_func('app.counted', 'app.\"now!\"')",
                "INSERT INTO app.counted SELECT n, n * 2, n FROM generate_series(0, 999) n",
                "ALTER TABLE app.counted SET (timescaledb.compress, timescaledb.compress_segmentby = '')",
                "SELECT set_config('timescaledb.enable_chunk_skipping', 'on', false)",
                "SELECT enable_chunk_skipping('app.counted', 'v')",
                "SELECT compress_chunk(c) FROM show_chunks('app.counted', older_than => 500) c",
                // settings without a compressed chunk; a function as a dimension; tablespaces
                "CREATE FUNCTION app.day_of(j jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE"
                        + " AS $$SELECT timezone('UTC', (j ->> 'at')::timestamp)$$",
                "CREATE TABLE app.documents (doc jsonb NOT NULL)",
                "SELECT create_hypertable('app.documents', by_range('doc', interval '1 day', partition_func => 'app.day_of'),"
                        + " create_default_indexes => false)",
                "INSERT INTO app.documents SELECT jsonb_build_object('at', timestamp '2026-01-01' + n * interval '1 hour')"
                        + " FROM generate_series(0, 99) n",
                "CREATE TABLE app.spread (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.spread', by_range('at', interval '1 week'))",
                "SELECT attach_tablespace('" + tablespace + "', 'app.spread')",
                "INSERT INTO app.spread SELECT '2026-01-01'::timestamptz + n * interval '1 day', n FROM generate_series(0, 30) n",
                "ALTER TABLE app.spread SET (timescaledb.compress)",
                // a foreign key to what is compressed: it has to come afterwards
                "CREATE TABLE app.referenced (at timestamptz NOT NULL, device int NOT NULL, UNIQUE (at, device))",
                "SELECT create_hypertable('app.referenced', by_range('at', interval '1 day'))",
                "INSERT INTO app.referenced SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n % 3 FROM generate_series(0, 99) n",
                "ALTER TABLE app.referenced SET (timescaledb.compress, timescaledb.compress_segmentby = 'device')",
                "SELECT compress_chunk(c) FROM show_chunks('app.referenced') c",
                "CREATE TABLE app.refers (at timestamptz, device int,"
                        + " CONSTRAINT to_referenced FOREIGN KEY (at, device) REFERENCES app.referenced (at, device))",
                "COMMENT ON CONSTRAINT to_referenced ON app.refers IS 'late'",
                "INSERT INTO app.refers SELECT at, device FROM app.referenced WHERE device = 1",
                // what excludes a columnstore
                "CREATE TABLE app.secret (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.secret', by_range('at', interval '1 week'))",
                "INSERT INTO app.secret SELECT '2026-01-01'::timestamptz + n * interval '1 day', n FROM generate_series(0, 30) n",
                "CREATE POLICY mine ON app.secret USING (v > 0)",
                "ALTER TABLE app.secret ENABLE ROW LEVEL SECURITY");
        source = EveryObject.contents(server, server.uri());
        backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("columnstore"))
                .exitsWith(0)
                .backup();
    }

    @Test
    void everything_is_stored_as_it_was_and_each_difference_has_a_name() throws SQLException {
        assertThat(source.lines())
                .filteredOn(line -> line.startsWith("storage of chunk "))
                .hasSizeGreaterThan(15);
        String target = server.newDatabase("stored");

        hyperkeep.restore(server, backup, target, "--jobs", "4").exitsWith(0);

        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .isEmpty();
        assertThat(hyperkeep
                        .compare(server, backup, target)
                        .exitsWith(0)
                        .json()
                        .get("equal")
                        .booleanValue())
                .isTrue();
        Map<String, String> chunks = new HashMap<>();
        for (String line : EveryObject.list(
                server,
                target,
                "SELECT hypertable_name || ' ' || row_number() OVER (PARTITION BY hypertable_name ORDER BY range_start, range_start_integer)"
                        + " || '=' || chunk_schema || '.' || chunk_name FROM timescaledb_information.chunks")) {
            chunks.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        ServerSays.done(
                server,
                target,
                "ALTER TABLE app.\"Mé, \"\"tric\" SET (timescaledb.compress_segmentby = '\"Dev,ice\"', timescaledb.sparse_index = '')",
                "SELECT _timescaledb_functions.unfreeze_chunk('" + chunks.get("Mé, \"tric 5") + "')",
                "SELECT decompress_chunk('" + chunks.get("automatic 1") + "')",
                "SELECT decompress_chunk('" + chunks.get("automatic 2") + "')",
                "ALTER TABLE app.automatic SET (timescaledb.compress_segmentby = 'device', timescaledb.compress_orderby = 'v')",
                "SELECT compress_chunk('" + chunks.get("automatic 2") + "')",
                "SELECT compress_chunk('" + chunks.get("counted 9") + "')",
                "ALTER DATABASE " + EveryObject.ask(server, target, "SELECT current_database()")
                        + " SET timescaledb.enable_chunk_skipping = on");
        ServerSays.done(
                server,
                target,
                "SELECT disable_chunk_skipping('app.counted', 'v')",
                "SELECT detach_tablespace('" + tablespace + "', 'app.spread')",
                "ALTER TABLE app.spread SET (timescaledb.compress = false)",
                "ALTER TABLE app.merged SET (timescaledb.compress_chunk_time_interval = '6 days')");

        Ended compared = hyperkeep.compare(server, backup, target).exitsWith(1);

        List<String> differences = new ArrayList<>();
        compared.json()
                .get("differences")
                .forEach(difference -> differences.add(difference.get("on").asString() + ": "
                        + difference.get("what").asString()));
        assertThat(differences)
                .containsExactlyInAnyOrder(
                        "table app.Mé, \"tric: its columnstore's segmentby is [Dev,ice], not []",
                        "table app.Mé, \"tric: its columnstore's choice of sparse indexes are [], not [bloom(note)]",
                        "table app.Mé, \"tric, chunk " + chunks.get("Mé, \"tric 5") + ": is not frozen",
                        "table app.automatic: its columnstore's segmentby is [device], not TimescaleDB's",
                        "table app.automatic: its columnstore's orderby is [v ASC NULLS LAST, at DESC NULLS FIRST], not TimescaleDB's",
                        "table app.automatic, chunk " + chunks.get("automatic 1") + ": is not compressed",
                        "table app.automatic, chunk " + chunks.get("automatic 2")
                                + ": its columnstore's orderby is [v ASC NULLS LAST, at DESC NULLS FIRST], not [at DESC NULLS FIRST]",
                        "table app.counted, chunk " + chunks.get("counted 9") + ": is compressed, and was not",
                        "table app.counted: has no columns with chunk skipping, the backup has [v]",
                        "table app.spread: has no attached tablespaces, the backup has [" + tablespace + "]",
                        "table app.spread: has no columnstore, the backup has an enabled one",
                        "table app.merged: its columnstore's chunk interval is 518400000000, not 259200000000");
    }

    @Test
    void everything_is_stored_as_it_was_by_hand_too() throws Exception {
        RestoreByHandTest.assumeZstd(server);
        String target = server.newDatabase("by_hand");

        RestoreByHandTest.runCommandsOf(server, backup, target);

        // chunks are made by the rows as they come, with today's settings: none is as wide as the merged ones
        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .allMatch(line -> line.matches(".*chunk( of)? app.merged .*"));
    }

    @Test
    void chunks_of_other_bounds_and_names_are_compressed_as_their_rows_were() throws SQLException {
        String target = server.newDatabase("other");

        hyperkeep
                .restore(
                        server,
                        backup,
                        target,
                        "--chunk-interval",
                        "app.referenced=2 days",
                        "--chunk-interval",
                        "app.automatic=2 days",
                        "--rename",
                        "app.automatic=app.renamed")
                .exitsWith(0);

        assertThat(EveryObject.list(
                        server,
                        target,
                        "SELECT format('%s %s of %s', hypertable_name, count(*) FILTER (WHERE is_compressed), count(*))"
                                + " FROM timescaledb_information.chunks WHERE hypertable_name IN ('referenced', 'renamed')"
                                + " GROUP BY hypertable_name ORDER BY 1"))
                // of the renamed one three days of five were compressed, the third together with one that was open
                .containsExactly("referenced 3 of 3", "renamed 1 of 3");
    }

    @Test
    void nothing_is_exported_again_when_nothing_changed() throws SQLException {
        Ended again = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("columnstore"))
                .exitsWith(0);

        assertThat(again.json().get("reusedUnits").asInt())
                .isEqualTo(again.json().get("units").asInt())
                .isPositive();
    }

    @Test
    void a_restore_that_is_killed_or_fails_while_it_compresses_goes_on_where_it_was() throws Exception {
        Operator operator = new Operator(Files.createTempDirectory(hyperkeep.folder(), "killed"), server);
        String target = server.newDatabase("killed");
        String[] restore = Operator.with(
                new String[] {
                    "restore",
                    backup.toString(),
                    "--to",
                    target,
                    "--client-tools",
                    server.clientTools().toString()
                },
                "--jobs",
                "2",
                "--max-attempts",
                "1");
        Gate.build(server, target);

        try (HeldChunk held = HeldChunk.behindGate("referenced", target);
                RunningCommand killed = operator.fork(List.of("-Xmx256m"), restore)) {
            held.awaitSomebody();
            killed.stop("KILL");
        }
        assertThat(compressedIn(target)).as("killed in the middle").isBetween(1, all() - 1);

        try (HeldChunk held = HeldChunk.behindGate("Mé, \"tric", target)) {
            CompletableFuture<Operator.Ended> failing = operator.begin(restore);
            held.awaitSomebody();
            ServerSays.done(
                    server,
                    target,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + HeldChunk.WAITING);
            Operator.Ended failed = failing.get(60, TimeUnit.SECONDS);
            assertThat(failed.exitCode()).as(failed.err()).isEqualTo(1);
            assertThat(failed.failure())
                    .startsWith("hyperkeep: cannot compress chunk " + held.chunk() + " of app.Mé, \"tric: ");
        }
        assertThat(compressedIn(target)).isLessThan(all());

        Operator.Ended restored = operator.run(restore);
        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(0);
        assertThat(DatabaseContents.differences(
                        source, EveryObject.contents(server, target), line -> !line.contains("gate_")))
                .isEmpty();
    }

    private static int compressedIn(String target) {
        return Integer.parseInt(ServerSays.one(server, target, COMPRESSED));
    }

    private static int all() {
        return Integer.parseInt(ServerSays.one(server, server.uri(), COMPRESSED));
    }

    private static final String COMPRESSED = "SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed";

    /** One chunk that can not be compressed, behind the gate of the phase that would compress it. */
    private static final class HeldChunk implements AutoCloseable {
        static final String WAITING =
                "datname = current_database() AND application_name ~ '^hyperkeep/[0-9]+/compress$'"
                        + " AND wait_event_type = 'Lock' AND wait_event = 'relation'";

        private final Gate gate;
        private final String hypertable;
        private final String target;
        private final Connection session;
        private String chunk = "";

        private HeldChunk(Gate gate, String hypertable, String target, Connection session) {
            this.hypertable = hypertable;
            this.gate = gate;
            this.target = target;
            this.session = session;
        }

        static HeldChunk behindGate(String hypertable, String target) throws SQLException {
            return new HeldChunk(Gate.close(server, target, "compress"), hypertable, target, server.connect(target));
        }

        /** Waits until a session stands before the chunk, and all others have done what they could. */
        void awaitSomebody() throws SQLException {
            gate.awaitSomebody();
            chunk = ServerSays.one(
                    session,
                    "SELECT chunk_schema || '.' || chunk_name FROM timescaledb_information.chunks"
                            + " WHERE hypertable_name = '" + hypertable
                            + "' AND NOT is_compressed ORDER BY range_start LIMIT 1");
            session.setAutoCommit(false);
            ServerSays.run(session, "LOCK TABLE " + chunk + " IN ROW EXCLUSIVE MODE");
            gate.open();
            ServerSays.yes(
                    server,
                    target,
                    "a compression waits",
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " + WAITING + ")");
        }

        String chunk() {
            return chunk;
        }

        @Override
        public void close() throws SQLException {
            session.close();
            gate.close();
        }
    }

    @Test
    void settings_come_back_without_compressing_anything() throws SQLException {
        String target = server.newDatabase("open");

        hyperkeep.restore(server, backup, target, "--compress", "none").exitsWith(0);

        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("- storage of chunk "));
    }
}

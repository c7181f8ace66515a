package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
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
    void everything_is_stored_as_it_was() throws SQLException {
        assertThat(source.lines())
                .filteredOn(line -> line.startsWith("storage of chunk "))
                .hasSizeGreaterThan(15);
        String target = server.newDatabase("stored");

        hyperkeep.restore(server, backup, target, "--jobs", "4").exitsWith(0);

        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .isEmpty();
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

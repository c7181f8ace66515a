package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What single chunks have and their hypertable lacks, or lack and it has, comes back or is named. */
class ChunkPropertiesTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    /** A chunk of the hypertable by its place. */
    private static final String CHUNK =
            "DO $$ DECLARE c text := (SELECT chunk FROM (SELECT chunk::text, row_number() OVER ("
                    + "ORDER BY chunk::text) AS place FROM show_chunks('app.m') AS chunk) AS x WHERE place = %d); BEGIN"
                    + " EXECUTE format(%s, c); END $$";

    private static String onChunk(int place, String sql) {
        return CHUNK.formatted(place, "'" + sql.replace("'", "''") + "'");
    }

    private static final String OWN = """
            SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
              SELECT n || ' ' || pg_get_constraintdef(k.oid) AS line FROM chunk JOIN pg_constraint k ON k.conrelid = c
               WHERE conname IN ('few', 'fk')
               UNION ALL SELECT n || ' ' || tgname FROM chunk JOIN pg_trigger t ON t.tgrelid = c AND tgname = 'only_here'
               UNION ALL SELECT n || ' ' || regexp_replace(pg_get_indexdef(i.indexrelid), '.* USING ', '')
                             || CASE WHEN indisclustered THEN ' clustered' ELSE '' END FROM chunk
                           JOIN pg_index i ON i.indrelid = c
               UNION ALL SELECT n || ' ' || obj_description(c) FROM chunk WHERE obj_description(c) IS NOT NULL
               UNION ALL SELECT n || ' ' || reloptions::text FROM chunk JOIN pg_class p ON p.oid = c WHERE reloptions IS NOT NULL
               UNION ALL SELECT n || ' ' || (coalesce(relacl::text, '') LIKE '%,=r/%') || ' '
                             || relrowsecurity || ' ' || relpersistence::text FROM chunk JOIN pg_class p ON p.oid = c
               UNION ALL SELECT n || ' ' || attname || ' ' || coalesce(attstattarget, -1) || ' ' || attstorage::text FROM chunk
                           JOIN pg_attribute a ON a.attrelid = c AND (attstattarget <> -1 OR attname = 't')
               UNION ALL SELECT n || ' ' || polname FROM chunk JOIN pg_policy p ON p.polrelid = c) AS lines""".replace(
                    "FROM chunk",
                    "FROM (SELECT row_number() OVER (ORDER BY chunk::text) AS n, chunk AS c FROM show_chunks('app.m') AS chunk) AS chunk");

    @Test
    void chunks_get_back_what_they_had_of_their_own() throws SQLException {
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.dev (id int PRIMARY KEY)",
                "INSERT INTO app.dev SELECT generate_series(0, 9)",
                "CREATE FUNCTION app.trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
                "CREATE TABLE app.m (at timestamptz NOT NULL, dev int, v float8, t text)",
                "SELECT create_hypertable('app.m', by_range('at', interval '1 day'), create_default_indexes => false)",
                "CREATE INDEX m_dev ON app.m (dev, at)",
                "CREATE INDEX m_twice ON app.m ((v + 1)) WHERE dev > 3",
                "CREATE TRIGGER everywhere AFTER UPDATE ON app.m FOR EACH ROW EXECUTE FUNCTION app.trg()",
                "INSERT INTO app.m SELECT '2026-10-01'::timestamptz + n * interval '1 hour', n % 5, n, 'x'"
                        + " FROM generate_series(0, 119) n",
                onChunk(1, "CREATE TRIGGER only_here AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION app.trg()"),
                onChunk(1, "DROP TRIGGER everywhere ON %s"),
                onChunk(1, "GRANT SELECT ON %s TO PUBLIC"),
                onChunk(1, "COMMENT ON TABLE %s IS 'mine'"),
                onChunk(2, "CREATE INDEX ON %s (v) WITH (fillfactor = 60)"),
                onChunk(2, "CREATE UNIQUE INDEX \"own ONE\" ON %s (at, dev)"),
                onChunk(2, "ALTER TABLE %s CLUSTER ON \"own ONE\""),
                onChunk(3, "ALTER TABLE %s SET (autovacuum_enabled = false, toast.autovacuum_enabled = false)"),
                onChunk(3, "ALTER TABLE %s ALTER v SET STATISTICS 7, ALTER t SET STORAGE EXTERNAL"),
                onChunk(4, "ALTER TABLE %s ADD CONSTRAINT few CHECK (v < 1000000)"),
                onChunk(4, "ALTER TABLE %s ADD CONSTRAINT fk FOREIGN KEY (dev) REFERENCES app.dev"),
                onChunk(5, "ALTER TABLE %s ENABLE ROW LEVEL SECURITY"),
                onChunk(5, "CREATE POLICY mine ON %s FOR SELECT TO PUBLIC USING (dev > 1)"),
                // TimescaleDB 2.19 refuses it
                onChunk(
                        5,
                        "DO $unlogged$ BEGIN ALTER TABLE %s SET UNLOGGED;"
                                + " EXCEPTION WHEN feature_not_supported THEN NULL; END $unlogged$"),
                "DO $$ BEGIN EXECUTE format('DROP INDEX %s', (SELECT indexrelid::regclass FROM pg_index WHERE"
                        + " indexrelid::regclass::text LIKE '%\\_m\\_dev' ORDER BY indexrelid LIMIT 1)); END $$");
        String had = ServerSays.one(server, server.uri(), OWN);
        assertThat(had).contains("only_here", "clustered", "autovacuum", "1 true false p", "5 false true ");
        Path backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("own"))
                .exitsWith(0)
                .backup();

        String target = server.newDatabase("own");
        hyperkeep.restore(server, backup, target).exitsWith(0);

        assertThat(ServerSays.one(server, target, OWN)).isEqualTo(had);
        Change.compare(hyperkeep, backup, target).exitsWith(0);

        // what is changed in a single chunk is found
        in(target, onChunk(1, "COMMENT ON TABLE %s IS 'other'"), onChunk(2, "CREATE INDEX ON %s (t)"));
        Ended compared = Change.compare(hyperkeep, backup, target);
        assertThat(compared.exitCode()).isEqualTo(1);
        assertThat(compared.json().get("differences"))
                .map(finding -> finding.get("on").asString() + ": "
                        + finding.get("what").asString())
                .containsExactly(
                        "table app.m, chunk of at [2026-10-01 00:00:00, 2026-10-02 00:00:00): its comment is other, not mine",
                        "table app.m, chunk of at [2026-10-02 00:00:00, 2026-10-03 00:00:00): its index USING btree (t) is one"
                                + " of its own, not as its hypertable");

        // other chunks cannot have it
        Ended wider = hyperkeep
                .restore(server, backup, server.newDatabase("wider"), "--chunk-interval", "app.m=7 days")
                .exitsWith(3);
        assertThat(wider.warnings())
                .anyMatch(
                        warning -> warning.contains(
                                "hypertable app.m has other chunks than in the source: what 5 of 5"
                                        + " chunks had of their own is not restored: TOAST storage parameters (1 chunk), comment (1 chunk),"));
    }

    private static void in(String uri, String... statements) throws SQLException {
        try (var connection = server.connect(uri);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void what_no_restore_gives_to_a_chunk_is_named() throws SQLException {
        String source = server.createDatabase("named", true);
        in(
                source,
                "CREATE SCHEMA app",
                "CREATE TABLE app.m (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.m', by_range('at', interval '1 day'))",
                "INSERT INTO app.m SELECT '2026-10-01'::timestamptz + n * interval '1 hour', n FROM generate_series(0, 71) n",
                onChunk(1, "CREATE RULE odd AS ON INSERT TO %s DO ALSO NOTHING"),
                onChunk(2, "CREATE RULE odd AS ON INSERT TO %s DO ALSO NOTHING"));

        Ended backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("named"))
                .exitsWith(3);

        assertThat(backup.warnings())
                .isEqualTo(List.of(
                        "chunk-properties: hypertable app.m: 2 of 3 chunks have something of their own that no restore gives them"
                                + " again: rule odd (2 chunks)"));
        String target = server.newDatabase("named");
        Ended restored = hyperkeep.restore(server, backup.backup(), target).exitsWith(3);
        assertThat(restored.warnings()).anyMatch(warning -> warning.contains("its rule odd is as its hypertable, not"));
        assertThat(Change.compare(hyperkeep, backup.backup(), source).exitCode())
                .isZero();
    }

    @Test
    void direct_compression_ranges_of_chunk_skipping_and_names_of_indexes_come_back() throws SQLException {
        server.requireCommunity("columnstore");
        String source = server.createDatabase("direct", true);
        in(
                source,
                "SET timescaledb.enable_chunk_skipping = on",
                "CREATE SCHEMA app",
                "CREATE TABLE app.direct (at timestamptz NOT NULL, dev int, v float8)"
                        + " WITH (tsdb.hypertable, tsdb.segmentby = 'dev', tsdb.direct_compress = true)",
                "INSERT INTO app.direct SELECT '2026-10-01'::timestamptz + n * interval '1 hour', n % 5, n"
                        + " FROM generate_series(1, 60) n",
                "CREATE TABLE app.skip (at timestamptz NOT NULL, dev int, v int)",
                "SELECT create_hypertable('app.skip', by_range('at', interval '1 day'))",
                "SELECT enable_chunk_skipping('app.skip', 'v')",
                "INSERT INTO app.skip SELECT '2026-10-01'::timestamptz + n * interval '1 hour', n % 5, n"
                        + " FROM generate_series(0, 99) n",
                "ALTER TABLE app.skip SET (timescaledb.compress, timescaledb.compress_segmentby = 'dev')",
                "SELECT compress_chunk(c) FROM show_chunks('app.skip') c",
                "CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS bucket,"
                        + " dev, max(v) FROM app.skip GROUP BY 1, 2",
                "ALTER MATERIALIZED VIEW app.daily RENAME COLUMN bucket TO \"time\"",
                "CREATE INDEX ON app.daily (dev)");
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("direct"))
                .exitsWith(0)
                .backup();

        String target = server.newDatabase("direct");
        hyperkeep.restore(server, backup, target).exitsWith(0);

        String ranges = "SELECT string_agg(range_start || ' ' || range_end || ' ' || valid, ', ' ORDER BY range_start)"
                + " FROM _timescaledb_catalog.chunk_column_stats WHERE chunk_id IS NOT NULL";
        assertThat(ServerSays.one(server, target, ranges))
                .isEqualTo("0 24 true, 24 48 true, 48 72 true, 72 96 true, 96 100 true");
        assertThat(ServerSays.one(
                        server,
                        target,
                        "SELECT status & 8 FROM _timescaledb_catalog.hypertable WHERE table_name = 'direct'"))
                .isEqualTo("8");
        // named after what a column was called once
        assertThat(
                        ServerSays.one(
                                server,
                                target,
                                "SELECT string_agg(regexp_replace(indexrelid::regclass::text, '.*hypertable_[0-9]+', ''), ', ' ORDER BY"
                                        + " indexrelid::regclass::text) FROM pg_index WHERE indrelid::regclass::text LIKE '%materialized%'"))
                .isEqualTo("_bucket_idx, _dev_bucket_idx, _dev_idx");
        Change.compare(hyperkeep, backup, target).exitsWith(0);

        in(target, "ALTER TABLE app.direct SET (timescaledb.direct_compress = false)");
        // the policies that came with it go with it
        assertThat(Change.compare(hyperkeep, backup, target).json().get("differences"))
                .map(finding -> finding.get("on").asString() + ": "
                        + finding.get("what").asString())
                .contains("table app.direct: has no direct compression, the backup has on")
                .hasSize(3);
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Policies over every type of time, aggregates at the ends of time, and what else a source has that no tutorial shows. */
@Timeout(300)
class OddHypertablesTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String OWNER = ServerObjects.name("hk_odd_");

    /** Jobs, dimensions, watermarks and constraints, without numbers that differ between databases. */
    private static final String STATE = """
            SELECT format('job %s.%s on %s every %s %s', j.proc_schema, j.proc_name,
                          coalesce(a.user_view_name, h.table_name), j.schedule_interval,
                          j.config - '{hypertable_id, mat_hypertable_id}'::text[])
              FROM _timescaledb_config.bgw_job j
              LEFT JOIN _timescaledb_catalog.hypertable h ON h.id = j.hypertable_id
              LEFT JOIN _timescaledb_catalog.continuous_agg a ON a.mat_hypertable_id = h.id
             WHERE j.id >= 1000 AND j.config IS DISTINCT FROM NULL
            UNION ALL
            SELECT format('dimension %s %s %s', h.table_name, d.partitioning_func, d.integer_now_func)
              FROM _timescaledb_catalog.dimension d JOIN _timescaledb_catalog.hypertable h ON h.id = d.hypertable_id
             WHERE h.schema_name = 'app'
            UNION ALL
            SELECT format('watermark %s %s', a.user_view_name, w.watermark)
              FROM _timescaledb_catalog.continuous_aggs_watermark w
              JOIN _timescaledb_catalog.continuous_agg a USING (mat_hypertable_id)
            UNION ALL
            SELECT format('constraint %s', conname) FROM pg_constraint
             WHERE connamespace = 'app'::regnamespace AND contype IN ('p', 'x')
            UNION ALL
            SELECT format('tablespace %s of %s', t.tablespace_name, h.table_name)
              FROM _timescaledb_catalog.tablespace t JOIN _timescaledb_catalog.hypertable h ON h.id = t.hypertable_id
            UNION ALL SELECT format('sensor %s', s) FROM app.by_sensor s
            UNION ALL SELECT format('document %s', d) FROM app.documents d
            ORDER BY 1
            """;

    private static String source;

    @BeforeAll
    static void fill() throws SQLException {
        server.requireCommunity("policies, continuous aggregates and the columnstore");
        roles.createLogin(server, OWNER);
        source = server.createDatabase("odd", true);
        List<String> statements = new ArrayList<>(
                List.of(
                        "CREATE SCHEMA app",
                        "GRANT ALL ON SCHEMA app TO " + OWNER,
                        "SET search_path = app, public",
                        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$"));
        for (String type : List.of("smallint", "integer", "bigint")) {
            String table = "of_" + type;
            statements.addAll(List.of(
                    "CREATE TABLE " + table + " (n " + type + " NOT NULL, v int)",
                    "SELECT create_hypertable('" + table + "', by_range('n', 10))",
                    // as TimescaleDB's manual has it, without a schema
                    "CREATE FUNCTION now_" + type + "() RETURNS " + type
                            + " LANGUAGE sql STABLE AS 'SELECT coalesce(max(n), 0::" + type + ") FROM " + table + "'",
                    "SELECT set_integer_now_func('" + table + "', 'now_" + type + "')",
                    "INSERT INTO " + table + " SELECT i, i FROM generate_series(1, 60) i",
                    "ALTER TABLE " + table + " SET (timescaledb.compress)",
                    "CREATE INDEX ON " + table + " (v, n)",
                    "CREATE MATERIALIZED VIEW agg_" + type + " WITH (timescaledb.continuous) AS SELECT time_bucket(4::"
                            + type + ", n) AS b, count(*) FROM " + table + " GROUP BY 1 WITH NO DATA",
                    "CALL refresh_continuous_aggregate('agg_" + type + "', NULL, 44::" + type + ")",
                    "SELECT add_retention_policy('" + table + "', 1000::" + type + ", initial_start => '2099-01-01')",
                    "SELECT add_compression_policy('" + table + "', 500::" + type + ", initial_start => '2099-01-01')",
                    "SELECT add_reorder_policy('" + table + "', '" + table
                            + "_v_n_idx', initial_start => '2099-01-01')",
                    "SELECT add_continuous_aggregate_policy('agg_" + type + "', 40::" + type + ", 4::" + type
                            + ", '1h', initial_start => '2099-01-01')",
                    "SELECT add_retention_policy('agg_" + type + "', 2000::" + type
                            + ", initial_start => '2099-01-01')"));
        }
        statements.addAll(List.of(
                "CREATE PROCEDURE tidy(job_id int, config jsonb) LANGUAGE plpgsql AS 'BEGIN END'",
                "SELECT _timescaledb_functions.alter_job_set_hypertable_id(add_job('tidy', '2h', config => '{\"a\": 1}',"
                        + " initial_start => '2099-01-01'), 'of_integer')",
                "SELECT _timescaledb_functions.alter_job_set_hypertable_id(add_job('tidy', '3h', config => '{\"a\": 2}',"
                        + " initial_start => '2099-01-01'), 'agg_integer')",
                // an aggregate that takes a column as given by the key
                "CREATE TABLE sensor (id int PRIMARY KEY, name text)",
                "INSERT INTO sensor SELECT i, 's' || i FROM generate_series(1, 3) i",
                "CREATE TABLE readings (at timestamptz NOT NULL, sensor_id int, v float8)",
                "SELECT create_hypertable('readings', by_range('at', interval '1 day'))",
                "INSERT INTO readings SELECT '2026-01-01'::timestamptz + i * interval '1 hour', 1 + i % 3, i FROM generate_series(1, 50) i",
                "CREATE MATERIALIZED VIEW by_sensor WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS day,"
                        + " s.id, s.name, avg(v) FROM readings JOIN sensor s ON s.id = sensor_id GROUP BY 1, s.id WITH NO DATA",
                "CALL refresh_continuous_aggregate('by_sensor', NULL, NULL)",
                // an exclusion constraint that came after the columnstore
                "ALTER TABLE readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor_id')",
                "ALTER TABLE readings ADD CONSTRAINT no_two EXCLUDE USING btree (at WITH =, sensor_id WITH =)",
                "ALTER TABLE readings OWNER TO " + OWNER,
                "SELECT attach_tablespace('pg_default', 'readings')",
                // a function that got a namesake
                "CREATE FUNCTION day_of(jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS"
                        + " $$ SELECT 'epoch'::timestamptz + ($1 ->> 't')::float8 * interval '1 second' $$",
                "CREATE TABLE documents (doc jsonb NOT NULL)",
                "SELECT create_hypertable('documents', by_range('doc', interval '1 day', partition_func => 'day_of'))",
                "INSERT INTO documents VALUES ('{\"t\": 1790812800}'), ('{\"t\": 1790912800}')",
                "CREATE FUNCTION day_of(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT 'epoch'::timestamptz $$",
                // all of time is materialized
                "CREATE TABLE last_ts (at timestamptz NOT NULL)",
                "SELECT create_hypertable('last_ts', by_range('at', interval '1 day'))",
                "INSERT INTO last_ts VALUES ('2026-01-01'), ('294246-12-31 23:00+00')",
                "CREATE MATERIALIZED VIEW to_the_end WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS b,"
                        + " count(*) FROM last_ts GROUP BY 1 WITH NO DATA",
                "CALL refresh_continuous_aggregate('to_the_end', NULL, NULL)",
                "CREATE TABLE last_int (n int NOT NULL)",
                "SELECT create_hypertable('last_int', by_range('n', 10))",
                "CREATE FUNCTION last_now() RETURNS int LANGUAGE sql STABLE AS 'SELECT 100'",
                "SELECT set_integer_now_func('last_int', 'last_now')",
                "INSERT INTO last_int VALUES (5), (2147483647)",
                "CREATE MATERIALIZED VIEW to_the_last WITH (timescaledb.continuous) AS SELECT time_bucket(7, n) AS b,"
                        + " count(*) FROM last_int GROUP BY 1 WITH NO DATA",
                "CALL refresh_continuous_aggregate('to_the_last', NULL, NULL)"));
        ServerSays.done(server, source, statements.toArray(String[]::new));
    }

    @Test
    void everything_comes_back() throws SQLException {
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("all"))
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("odd_all");

        Ended restored = hyperkeep.restore(server, backup, target);

        assertThat(restored.warnings()).isEmpty();
        restored.exitsWith(0);
        assertThat(ServerSays.all(server, target, STATE))
                .hasSizeGreaterThan(30)
                .containsExactlyElementsOf(ServerSays.all(server, source, STATE));
    }

    @Test
    void what_cannot_be_restored_is_named_by_the_backup() throws SQLException {
        String broken = server.createDatabase("odd_broken", true);
        ServerSays.done(
                server,
                broken,
                "CREATE TABLE counted (n int NOT NULL, v int)",
                "SELECT create_hypertable('counted', by_range('n', 10))",
                "CREATE FUNCTION counted_now() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
                "SELECT set_integer_now_func('counted', 'counted_now')",
                "INSERT INTO counted SELECT i, i FROM generate_series(1, 50) i",
                "DROP FUNCTION counted_now()",
                "SELECT add_job('_timescaledb_functions.policy_refresh_continuous_aggregate', '1 day', config => NULL,"
                        + " initial_start => '2099-01-01')");
        String job = ServerSays.one(server, broken, "SELECT max(id) FROM _timescaledb_config.bgw_job");
        String label = "job " + job + " (_timescaledb_functions.policy_refresh_continuous_aggregate)";
        String named = "job-not-restorable: " + label
                + " has no configuration, and TimescaleDB ends the server when such a job is altered: a restore does not"
                + " bring it back as it is. SELECT delete_job(" + job
                + ") removes it; add_continuous_aggregate_policy adds a right one";

        Ended tables = hyperkeep
                .backup(server, broken, hyperkeep.folder().resolve("broken"))
                .exitsWith(3);
        Ended whole = hyperkeep
                .backup(server, broken, hyperkeep.folder().resolve("broken"), "--kind", "database")
                .exitsWith(3);

        assertThat(tables.warnings())
                .containsExactlyInAnyOrder(
                        named,
                        "integer-now: hypertable public.counted: its function for \"now\", public.counted_now(), is not in the"
                                + " backup: it was dropped, or does not return integer as TimescaleDB wants it any more;"
                                + " policies that need it fail in this database, too. SELECT set_integer_now_func(...,"
                                + " replace_if_exists => true) sets another one");
        assertThat(whole.warnings()).containsExactly(named);
        assertThat(hyperkeep
                        .restore(server, tables.backup(), server.newDatabase("odd_tables"))
                        .exitsWith(3)
                        .warnings())
                .containsExactly("job-not-restored: " + label
                        + " is not restored: it has no configuration, and TimescaleDB ends the server when such a job is"
                        + " altered");
        assertThat(hyperkeep
                        .restore(server, whole.backup(), server.newDatabase("odd_whole"))
                        .exitsWith(3)
                        .warnings())
                .containsExactly("job-off: " + label + " is restored as job " + job + " but stays off: job " + job
                        + " has no configuration, and TimescaleDB ends the server when it is altered; SELECT delete_job("
                        + job + ") removes it");
    }
}

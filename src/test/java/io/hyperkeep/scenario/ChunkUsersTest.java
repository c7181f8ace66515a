package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What needs a chunk or a materialization hypertable by its name is left out by name, and the rest is restored. */
class ChunkUsersTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static void in(String uri, String... statements) throws SQLException {
        try (var connection = server.connect(uri);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void what_needs_a_chunk_is_named_and_the_rest_comes_back() throws SQLException {
        String source = server.createDatabase("users", true);
        in(
                source,
                "CREATE SCHEMA app",
                "CREATE TABLE app.m (at timestamptz NOT NULL, dev int DEFAULT 7, v float8)",
                "SELECT create_hypertable('app.m', by_range('at', interval '1 day'))",
                "INSERT INTO app.m SELECT '2026-10-01'::timestamptz + n * interval '1 hour', n % 5, n"
                        + " FROM generate_series(0, 47) n",
                "CREATE TABLE app.other (a int PRIMARY KEY)");
        String chunk = ServerSays.one(server, source, "SELECT min(c::text) FROM show_chunks('app.m') c");
        in(
                source,
                "CREATE VIEW app.one AS SELECT * FROM " + chunk,
                "CREATE FUNCTION app.of(x " + chunk + ") RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE RULE also AS ON DELETE TO app.other DO ALSO DELETE FROM " + chunk,
                "CREATE POLICY few ON app.other USING (a IN (SELECT dev FROM " + chunk + "))",
                "CREATE TABLE app.more (extra int, CHECK (extra > 0)) INHERITS (" + chunk + ") WITH (fillfactor = 70)",
                "INSERT INTO app.more VALUES ('2026-10-01 05:30+00', 3, 9, 1)",
                "ALTER TABLE " + chunk + " ADD CONSTRAINT uq UNIQUE (dev, at)",
                "CREATE TABLE app.ref (at timestamptz, dev int, CONSTRAINT fk FOREIGN KEY (dev, at) REFERENCES " + chunk
                        + " (dev, at))");

        Ended backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("users"))
                .exitsWith(3);

        String why = " is not in the backup: it needs an internal table of TimescaleDB";
        assertThat(backup.warnings())
                .containsExactlyInAnyOrder(
                        "needs-internal-table: VIEW app.one" + why,
                        "needs-internal-table: FUNCTION app.of(" + chunk + ")" + why,
                        "needs-internal-table: RULE app.other also" + why,
                        "needs-internal-table: POLICY app.other few" + why,
                        "needs-internal-table: FK CONSTRAINT app.ref fk" + why,
                        "inherits-from-chunk: table app.more inherits from a chunk, which has another name in every"
                                + " database: its columns and rows are in the backup, that it inherits is not");
        String target = server.newDatabase("users");
        hyperkeep.restore(server, backup.backup(), target).exitsWith(0);
        assertThat(ServerSays.one(server, target, "SELECT string_agg(m::text, '') FROM app.more m"))
                .isEqualTo(ServerSays.one(server, source, "SELECT string_agg(m::text, '') FROM app.more m"));
        // the source has more than the backup
        assertThat(Change.compare(hyperkeep, backup.backup(), source).json().get("differences"))
                .map(finding -> finding.get("on").asString())
                .contains("table app.other, rule also", "table app.other, policy few", "table app.more");
    }

    @Test
    void what_a_materialization_hypertable_has_by_itself_is_named() throws SQLException {
        server.requireCommunity("continuous aggregates");
        String source = server.createDatabase("materialized", true);
        in(
                source,
                "CREATE SCHEMA app",
                "CREATE FUNCTION app.trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
                "CREATE TABLE app.m (at timestamptz NOT NULL, dev int)",
                "SELECT create_hypertable('app.m', by_range('at', interval '1 day'))",
                "INSERT INTO app.m VALUES ('2026-10-01 05:30+00', 3)",
                "CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous) AS"
                        + " SELECT time_bucket('1 day', at) AS day, count(*) FROM app.m GROUP BY 1",
                "CREATE MATERIALIZED VIEW app.granted WITH (timescaledb.continuous) AS"
                        + " SELECT time_bucket('1 day', at) AS day, count(*) FROM app.m GROUP BY 1",
                "GRANT SELECT ON app.granted TO PUBLIC");
        String name = ServerSays.one(
                server,
                source,
                "SELECT materialization_hypertable_name FROM timescaledb_information.continuous_aggregates"
                        + " WHERE view_name = 'daily'");
        String root = "_timescaledb_internal." + name;
        in(
                source,
                "COMMENT ON TABLE " + root + " IS 'mine'",
                "COMMENT ON COLUMN " + root + ".day IS 'mine'",
                "COMMENT ON INDEX " + root + "_day_idx IS 'mine'",
                "ALTER TABLE " + root + " SET (autovacuum_enabled = false)",
                "GRANT SELECT ON " + root + " TO PUBLIC",
                "CREATE TRIGGER own AFTER INSERT ON " + root + " FOR EACH ROW EXECUTE FUNCTION app.trg()");

        Ended backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("materialized"))
                .exitsWith(3);

        assertThat(backup.warnings())
                .containsExactly("materialization-properties: continuous aggregate app.daily: its materialization"
                        + " hypertable " + root + " has something of its own that no restore gives it again: comment,"
                        + " comment of column day, comment of index " + name + "_day_idx, grants, storage parameters,"
                        + " trigger own");
        hyperkeep
                .restore(server, backup.backup(), server.newDatabase("materialized"))
                .exitsWith(0);
    }
}

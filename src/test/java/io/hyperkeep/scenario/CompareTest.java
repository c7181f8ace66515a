package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A restored database equals its backup, on another version too; whatever is changed in it then is found by its name. */
class CompareTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer v17 = TimescaleServer.v17();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer v18 = TimescaleServer.v18();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String READER = ServerObjects.name("hk-reader ");

    private static Path backup;
    private static String target;

    @BeforeAll
    static void back_up_and_restore() throws SQLException {
        objects.createRole(v17, READER);
        objects.createRole(v18, READER);
        try (Connection connection = v17.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : SOURCE) {
                statement.execute(sql.replace("READER", quoted(READER)));
            }
        }
        backup = hyperkeep
                .backup(v17, v17.uri(), hyperkeep.folder().resolve("repository"))
                .exitsWith(0)
                .backup();
        target = v18.newDatabase("restored");
        hyperkeep.restore(v18, backup, target).exitsWith(0);
    }

    @Test
    void a_restored_database_and_the_source_are_equal() {
        JsonNode restored = compare(target).exitsWith(0).json();
        assertThat(restored.get("equal").booleanValue()).isTrue();
        assertThat(restored.get("backup").stringValue())
                .isEqualTo(backup.getFileName().toString());
        assertThat(restored.get("differences")).isEmpty();
        assertThat(restored.get("warnings")).isEmpty();
        Ended source = hyperkeep.run("compare", backup.toString(), v17.uri());
        assertThat(source.out())
                .startsWith("database " + name(v17.uri()) + " is what backup " + backup.getFileName()
                        + " says, compared in ");
    }

    @Test
    void each_change_is_found_by_name_and_by_nothing_else() throws SQLException {
        List<Change> changes = CHANGES.stream()
                .map(change -> change.with("READER", quoted(READER)))
                .toList();
        assertThat(Change.notFound(hyperkeep, backup, v18, target, changes)).isEmpty();
        compare(target).exitsWith(0);
    }

    @Test
    void a_database_in_use_is_compared_as_of_one_instant_and_without_waiting_for_writers() throws SQLException {
        try (Connection connection = v17.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO app.metrics (at, device, value) VALUES ('2030-01-01', 1, 1)");
            statement.execute("UPDATE app.device SET name = 'not yet'");
            hyperkeep.run("compare", backup.toString(), v17.uri()).exitsWith(0);
            connection.rollback();
        }
    }

    @Test
    void a_part_is_compared_alone() throws SQLException {
        try (Connection connection = v18.connect(target);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE app.besides (a int)");
            statement.execute("UPDATE app.device SET name = 'changed' WHERE id = 3");
            hyperkeep
                    .run("compare", backup.toString(), target, "--include", "app.metrics")
                    .exitsWith(0);
            Ended ended = hyperkeep.run("compare", backup.toString(), target, "--exclude", "app.besid*");
            statement.execute("UPDATE app.device SET name = 'd3' WHERE id = 3");
            statement.execute("DROP TABLE app.besides");
            assertThat(ended.exitCode()).isEqualTo(2);
            assertThat(ended.err()).contains("no table of backup " + backup.getFileName() + " matches app.besid*");
        }
    }

    @Test
    void text_has_a_line_for_each_difference_and_says_what_to_do() throws SQLException {
        try (Connection connection = v18.connect(target);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO app.device (id) VALUES (11)");
            Ended ended = hyperkeep.run("compare", backup.toString(), target);
            statement.execute("DELETE FROM app.device WHERE id = 11");
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.out()).isEqualTo("app.device: has 11 rows, the backup has 10" + System.lineSeparator());
            assertThat(ended.err())
                    .endsWith("hyperkeep: database " + name(target) + " is not what backup " + backup.getFileName()
                            + " says: 1 difference" + System.lineSeparator()
                            + "HINT: what a database did since its backup is a difference too: restore the backup into"
                            + " a database of its own and compare that, or run `hyperkeep drill`."
                            + System.lineSeparator());
        }
    }

    @Test
    void a_manifest_of_an_earlier_version_says_that_less_was_compared() throws IOException {
        Path old = hyperkeep.folder().resolve("old");
        Files.createDirectories(old.resolve("backups/20200101T000000Z"));
        JsonMapper json = JsonMapper.shared();
        ObjectNode manifest = (ObjectNode) json.readTree(Files.readString(backup.resolve("manifest.json")));
        manifest.remove("objects");
        manifest.remove("selection");
        Files.writeString(old.resolve("backups/20200101T000000Z/manifest.json"), json.writeValueAsString(manifest));
        Ended ended = hyperkeep.run(
                "compare", old.resolve("backups/20200101T000000Z").toString(), target, "--output", "json");
        assertThat(ended.exitsWith(3).warnings())
                .containsExactly("not-compared: the backup is of an earlier version that did not note rights, comments,"
                        + " settings, policies, views, functions and types as data: these were not compared");
    }

    private static Ended compare(String uri) {
        return Change.compare(hyperkeep, backup, uri);
    }

    private static String name(String uri) {
        return uri.replaceFirst(".*/", "").replaceFirst("\\?.*", "");
    }

    private static String quoted(String role) {
        return "\"" + role + "\"";
    }

    private static final List<String> SOURCE = List.of(
            "CREATE SCHEMA app",
            "CREATE TYPE app.level AS ENUM ('low', 'high')",
            "CREATE DOMAIN app.positive AS int CHECK (VALUE > 0)",
            "CREATE SEQUENCE app.free START 7",
            "CREATE FUNCTION app.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2'",
            "CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TABLE app.device (id int PRIMARY KEY, name text DEFAULT 'x', level app.level) WITH (fillfactor = 70)",
            "INSERT INTO app.device SELECT g, 'd' || g FROM generate_series(1, 10) g",
            "CREATE TABLE app.metrics (at timestamptz NOT NULL, device int NOT NULL REFERENCES app.device, value float8"
                    + " CONSTRAINT sane CHECK (value > -1e9), note text)",
            "SELECT public.create_hypertable('app.metrics', public.by_range('at', interval '7 days'))",
            "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + g * interval '3 hours', 1 + g % 10, g, 'n'"
                    + " FROM generate_series(0, 199) g",
            "CREATE INDEX by_value ON app.metrics (value)",
            "CREATE UNIQUE INDEX one ON app.metrics (at, device)",
            "CREATE TRIGGER touch BEFORE INSERT ON app.device FOR EACH ROW EXECUTE FUNCTION app.touch()",
            "CREATE RULE off AS ON DELETE TO app.device WHERE OLD.id < 0 DO INSTEAD NOTHING",
            "ALTER TABLE app.device ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY mine ON app.device TO READER USING (id > 0)",
            "CREATE VIEW app.names AS SELECT name FROM app.device",
            "CREATE MATERIALIZED VIEW app.counts AS SELECT device, count(*) FROM app.metrics GROUP BY 1",
            "CREATE STATISTICS app.together (dependencies) ON device, value FROM app.metrics",
            "CREATE PUBLICATION chosen FOR TABLE app.device (id, name) WHERE (id > 0) WITH (publish = 'insert')",
            "GRANT SELECT ON app.metrics TO READER",
            "GRANT UPDATE (name) ON app.device TO READER",
            "GRANT USAGE ON SCHEMA app TO READER",
            "GRANT USAGE ON SEQUENCE app.free TO READER",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO READER",
            "COMMENT ON TABLE app.metrics IS 'measured'",
            "COMMENT ON COLUMN app.metrics.value IS 'in metres'",
            "COMMENT ON INDEX app.by_value IS 'for reports'",
            "ALTER TABLE app.metrics ALTER value SET STATISTICS 500, ALTER note SET STORAGE EXTERNAL",
            "ALTER TABLE app.device REPLICA IDENTITY FULL");

    private static final List<Change> CHANGES = List.of(
            // rows
            Change.of(
                    "UPDATE app.metrics SET value = 99.5 WHERE at = '2026-01-02'",
                    "UPDATE app.metrics SET value = 8 WHERE at = '2026-01-02'",
                    "app.metrics: has as many rows as the backup, 200, but not the same ones",
                    "app.metrics, rows of 4 ranges from at [2026-01-01 00:00:00, 2026-01-08 00:00:00) to at [2026-01-22"
                            + " 00:00:00, 2026-01-29 00:00:00): are as many as in the backup, but not the same ones"),
            Change.of(
                    "WITH gone AS (DELETE FROM app.metrics WHERE at = '2026-01-02' RETURNING *) INSERT INTO app.metrics"
                            + " SELECT at + interval '10 days 1 second', device, value, note FROM gone",
                    "WITH gone AS (DELETE FROM app.metrics WHERE at = '2026-01-12 00:00:01' RETURNING *) INSERT INTO"
                            + " app.metrics SELECT at - interval '10 days 1 second', device, value, note FROM gone",
                    "app.metrics: has as many rows as the backup, 200, but not the same ones",
                    "app.metrics, rows of at [2026-01-01 00:00:00, 2026-01-08 00:00:00): are 55, in the backup 56",
                    "app.metrics, rows of at [2026-01-08 00:00:00, 2026-01-15 00:00:00): are 57, in the backup 56"),
            Change.of(
                    "INSERT INTO app.metrics VALUES ('2030-01-01', 1, 1, 'n')",
                    "SELECT public.drop_chunks('app.metrics', newer_than => '2029-01-01'::timestamptz)",
                    "app.metrics: has 201 rows, the backup has 200",
                    "app.metrics, rows of at [2029-12-27 00:00:00, 2030-01-03 00:00:00): are 1, in the backup 0"),
            // tables and their parts
            Change.of(
                    "CREATE TABLE app.added (a int)", "DROP TABLE app.added", "table app.added: is not in the backup"),
            Change.of(
                    "DROP INDEX app.by_value",
                    "CREATE INDEX by_value ON app.metrics (value); COMMENT ON INDEX app.by_value IS 'for reports'",
                    "table app.metrics, index by_value: is missing",
                    "table app.metrics, index by_value: has no comment, the backup has for reports"),
            Change.of(
                    "CREATE INDEX more ON app.device (name)",
                    "DROP INDEX app.more",
                    "table app.device, index more: is CREATE INDEX more ON app.device USING btree (name), not in the"
                            + " backup"),
            Change.of(
                    "ALTER TABLE app.device ALTER name SET DEFAULT 'y'",
                    "ALTER TABLE app.device ALTER name SET DEFAULT 'x'",
                    "table app.device, column name: is text DEFAULT 'y'::text, not text DEFAULT 'x'::text"),
            Change.of(
                    "ALTER TABLE app.device ADD more int",
                    "ALTER TABLE app.device DROP more",
                    "table app.device, column more: is integer, not in the backup"),
            Change.of(
                    "ALTER TABLE app.metrics DROP CONSTRAINT sane",
                    "ALTER TABLE app.metrics ADD CONSTRAINT sane CHECK (value > -1e9)",
                    "table app.metrics, constraint sane: is missing"),
            Change.of(
                    "ALTER TABLE app.device DISABLE TRIGGER touch",
                    "ALTER TABLE app.device ENABLE TRIGGER touch",
                    "table app.device, trigger touch: is CREATE TRIGGER touch BEFORE INSERT ON app.device FOR EACH ROW"
                            + " EXECUTE FUNCTION app.touch() [D], not "),
            Change.of(
                    "DROP TRIGGER touch ON app.device",
                    "CREATE TRIGGER touch BEFORE INSERT ON app.device FOR EACH ROW EXECUTE FUNCTION app.touch()",
                    "table app.device, trigger touch: is missing"),
            Change.of(
                    "SELECT public.set_chunk_time_interval('app.metrics', interval '1 day')",
                    "SELECT public.set_chunk_time_interval('app.metrics', interval '7 days')",
                    "table app.metrics: its dimensions are "),
            // what is on them
            Change.of(
                    "ALTER TABLE app.metrics OWNER TO READER",
                    "ALTER TABLE app.metrics OWNER TO CURRENT_USER; GRANT SELECT ON app.metrics TO READER",
                    "table app.metrics: its owner is ",
                    "table app.metrics: has no grants, the backup has READER=SELECT"),
            Change.of(
                    "REVOKE SELECT ON app.metrics FROM READER",
                    "GRANT SELECT ON app.metrics TO READER",
                    "table app.metrics: has no grants, the backup has READER=SELECT"),
            Change.of(
                    "GRANT SELECT (id) ON app.device TO PUBLIC",
                    "REVOKE SELECT (id) ON app.device FROM PUBLIC",
                    "table app.device, column id: has grants PUBLIC=SELECT, the backup has none"),
            Change.of(
                    "ALTER POLICY mine ON app.device USING (id > 1)",
                    "ALTER POLICY mine ON app.device USING (id > 0)",
                    "table app.device, policy mine: its condition is (id > 1), not (id > 0)"),
            Change.of(
                    "CREATE POLICY open ON app.device USING (true)",
                    "DROP POLICY open ON app.device",
                    "table app.device, policy open: is not in the backup"),
            Change.of(
                    "ALTER TABLE app.device DISABLE ROW LEVEL SECURITY",
                    "ALTER TABLE app.device ENABLE ROW LEVEL SECURITY",
                    "table app.device: has no row security, the backup has enabled"),
            Change.of(
                    "ALTER TABLE app.device FORCE ROW LEVEL SECURITY",
                    "ALTER TABLE app.device NO FORCE ROW LEVEL SECURITY",
                    "table app.device: its row security is enabled, forced, not enabled"),
            Change.of(
                    "COMMENT ON TABLE app.metrics IS NULL",
                    "COMMENT ON TABLE app.metrics IS 'measured'",
                    "table app.metrics: has no comment, the backup has measured"),
            Change.of(
                    "COMMENT ON COLUMN app.metrics.value IS 'in feet'",
                    "COMMENT ON COLUMN app.metrics.value IS 'in metres'",
                    "table app.metrics, column value: its comment is in feet, not in metres"),
            Change.of(
                    "ALTER TABLE app.device RESET (fillfactor)",
                    "ALTER TABLE app.device SET (fillfactor = 70)",
                    "table app.device: has no storage parameters, the backup has fillfactor=70"),
            Change.of(
                    "ALTER TABLE app.metrics ALTER value SET STATISTICS 100",
                    "ALTER TABLE app.metrics ALTER value SET STATISTICS 500",
                    "table app.metrics, column value: its statistics target is 100, not 500"),
            Change.of(
                    "ALTER TABLE app.metrics ALTER note SET STORAGE EXTENDED",
                    "ALTER TABLE app.metrics ALTER note SET STORAGE EXTERNAL",
                    "table app.metrics, column note: has no storage, the backup has external"),
            Change.of(
                    "ALTER TABLE app.device REPLICA IDENTITY DEFAULT",
                    "ALTER TABLE app.device REPLICA IDENTITY FULL",
                    "table app.device: has no replica identity, the backup has full"),
            Change.of(
                    "ALTER TABLE app.device DISABLE RULE off",
                    "ALTER TABLE app.device ENABLE RULE off",
                    "table app.device, rule off: has state disabled, the backup has none"),
            Change.of(
                    "DROP STATISTICS app.together",
                    "CREATE STATISTICS app.together (dependencies) ON device, value FROM app.metrics",
                    "table app.metrics, statistics app.together: is missing"),
            Change.of(
                    "ALTER PUBLICATION chosen DROP TABLE app.device",
                    "ALTER PUBLICATION chosen ADD TABLE app.device (id, name) WHERE (id > 0)",
                    "table app.device, publication chosen: is missing"),
            Change.of(
                    "ALTER PUBLICATION chosen SET TABLE app.device (id)",
                    "ALTER PUBLICATION chosen SET TABLE app.device (id, name) WHERE (id > 0)",
                    "table app.device, publication chosen: its columns are id, not id, name",
                    "table app.device, publication chosen: has no row filter, the backup has (id > 0)"),
            // what is beside them
            Change.of(
                    "SELECT setval('app.free', 41)",
                    "SELECT setval('app.free', 7, false)",
                    "sequence app.free: its last value is 41, not 7",
                    "sequence app.free: its last value was handed out, in the backup it was not"),
            Change.of(
                    "ALTER SEQUENCE app.free INCREMENT 2",
                    "ALTER SEQUENCE app.free INCREMENT 1",
                    "sequence app.free: its definition is "),
            Change.of(
                    "REVOKE USAGE ON SEQUENCE app.free FROM READER",
                    "GRANT USAGE ON SEQUENCE app.free TO READER",
                    "sequence app.free: has no grants, the backup has READER=USAGE"),
            Change.of(
                    "CREATE OR REPLACE VIEW app.names AS SELECT name FROM app.device WHERE id > 2",
                    "CREATE OR REPLACE VIEW app.names AS SELECT name FROM app.device",
                    "view app.names: its definition is "),
            Change.of(
                    "CREATE VIEW app.other AS SELECT 1", "DROP VIEW app.other", "view app.other: is not in the backup"),
            Change.of(
                    "REFRESH MATERIALIZED VIEW app.counts WITH NO DATA",
                    "REFRESH MATERIALIZED VIEW app.counts",
                    "materialized view app.counts: has state not filled, the backup has none"),
            Change.of(
                    "CREATE OR REPLACE FUNCTION app.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3'",
                    "CREATE OR REPLACE FUNCTION app.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2'",
                    "function app.twice(integer): its definition is "),
            Change.of(
                    "REVOKE EXECUTE ON FUNCTION app.twice FROM PUBLIC",
                    "GRANT EXECUTE ON FUNCTION app.twice TO PUBLIC",
                    "function app.twice(integer): has no grants, the backup has PUBLIC=EXECUTE"),
            Change.of(
                    "ALTER DOMAIN app.positive SET NOT NULL",
                    "ALTER DOMAIN app.positive DROP NOT NULL",
                    "domain app.positive: its base type is integer NOT NULL, not integer"),
            Change.of(
                    "ALTER TYPE app.level RENAME VALUE 'high' TO 'tall'",
                    "ALTER TYPE app.level RENAME VALUE 'tall' TO 'high'",
                    "type app.level: its labels are 'low', 'tall', not 'low', 'high'"),
            Change.of(
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE SELECT ON TABLES FROM READER",
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO READER",
                    "default acl app.DEFAULT PRIVILEGES FOR TABLES (role postgres): is missing"),
            Change.of(
                    "REVOKE USAGE ON SCHEMA app FROM READER",
                    "GRANT USAGE ON SCHEMA app TO READER",
                    "schema app: has no grants, the backup has READER=USAGE"));
}

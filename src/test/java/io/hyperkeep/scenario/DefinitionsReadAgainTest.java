package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * PostgreSQL prints many definitions otherwise once it has read its own text. That is no difference, whatever it is a
 * definition of; another constant, another cast or a branch less is one.
 */
class DefinitionsReadAgainTest {
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

    private static final String READER = ServerObjects.name("hk-again");

    private static Path backup;
    private static String target;

    @BeforeAll
    static void back_up_and_restore() throws SQLException {
        objects.createLogin(v18, READER);
        v17.execute(SOURCE.toArray(String[]::new));
        backup = hyperkeep
                .backup(v17, v17.uri(), hyperkeep.folder().resolve("tables"))
                .exitsWith(0)
                .backup();
        target = v18.newDatabase("again");
        hyperkeep.restore(v18, backup, target).exitsWith(0);
    }

    @Test
    void a_restored_database_is_equal_although_its_texts_are_others() throws SQLException {
        assertThat(definitions(v18, target)).isNotEqualTo(definitions(v17, v17.uri()));
        Change.compare(hyperkeep, backup, target).exitsWith(0);
        Change.compare(hyperkeep, backup, v17.uri()).exitsWith(0);
    }

    @Test
    void the_second_generation_is_equal_to_the_first() throws SQLException {
        Path second = hyperkeep
                .backup(v18, target, hyperkeep.folder().resolve("second"))
                .exitsWith(0)
                .backup();
        String restored = v18.newDatabase("second");
        hyperkeep.restore(v18, second, restored).exitsWith(0);
        assertThat(definitions(v18, restored)).isEqualTo(definitions(v18, target));
        Change.compare(hyperkeep, backup, restored).exitsWith(0);
        // the texts of the source are what its own backup never had
        String back = v17.serverMajor() == v18.serverMajor() ? v17.uri() : restored;
        Change.compare(hyperkeep, second, back).exitsWith(0);
    }

    @Test
    void a_whole_database_is_equal() throws SQLException {
        Path whole = hyperkeep
                .backup(v17, v17.uri(), hyperkeep.folder().resolve("whole"), "--kind", "database")
                .exitsWith(0)
                .backup();
        String restored = v17.newDatabase("whole");
        hyperkeep.restore(v17, whole, restored).exitsWith(0);
        Change.compare(hyperkeep, whole, restored).exitsWith(0);
        Change.compare(hyperkeep, whole, v17.uri()).exitsWith(0);
        assertThat(Change.notFound(
                        hyperkeep,
                        whole,
                        v17,
                        restored,
                        List.of(Change.of(
                                "ALTER TABLE app.t DROP CONSTRAINT k_in,"
                                        + " ADD CONSTRAINT k_in CHECK (k IN ('a', 'b', 'd'))",
                                "ALTER TABLE app.t DROP CONSTRAINT k_in,"
                                        + " ADD CONSTRAINT k_in CHECK (k IN ('a', 'b', 'c'))",
                                "table app.t, constraint k_in: is CHECK (((k)::text = ANY ((ARRAY['a'::character"
                                        + " varying, 'b'::character varying, 'd'::character varying])::text[]))), not"
                                        + " CHECK ("))))
                .isEmpty();
    }

    @Test
    void under_another_name_they_are_equal() throws SQLException {
        hyperkeep
                .restore(v18, backup, v18.newDatabase("renamed"), "--schema-map", "app=Other one")
                .exitsWith(0);
    }

    @Test
    void event_triggers_of_the_database_are_not_run() throws SQLException {
        try (Connection connection = v18.connect(target);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE FUNCTION app.refuse() RETURNS event_trigger LANGUAGE plpgsql"
                    + " AS 'BEGIN RAISE EXCEPTION ''no''; END'");
            statement.execute("CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION app.refuse()");
            Ended ended = Change.compare(hyperkeep, backup, target);
            statement.execute("DROP EVENT TRIGGER refuse");
            statement.execute("DROP FUNCTION app.refuse()");
            assertThat(ended.json().get("differences"))
                    .hasSize(2)
                    .allMatch(difference -> difference.get("what").stringValue().equals("is not in the backup"));
        }
    }

    @Test
    void what_means_something_else_is_found_and_who_can_not_have_it_read_is_told_so() throws SQLException {
        String other = v18.newDatabase("changed");
        hyperkeep.restore(v18, backup, other).exitsWith(0);
        String role = "\"" + READER + "\"";
        String database = ServerSays.one(v18, other, "SELECT current_database()");
        ServerSays.done(
                v18,
                other,
                "ALTER ROLE " + role + " BYPASSRLS",
                "GRANT pg_read_all_data TO " + role,
                "REVOKE TEMPORARY ON DATABASE \"" + database + "\" FROM PUBLIC");
        Ended ended = Change.compare(hyperkeep, backup, other.replaceFirst("//[^@/]*@", "//" + READER + "@"));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
        assertThat(ended.json()
                        .get("differences")
                        .valueStream()
                        .map(difference -> difference.get("on").stringValue() + ": "
                                + difference.get("what").stringValue()))
                .contains("table app.t, constraint k_in: is CHECK (((k)::text = ANY (ARRAY[('a'::character"
                        + " varying)::text, ('b'::character varying)::text, ('c'::character varying)::text]))), not"
                        + " CHECK (((k)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying,"
                        + " 'c'::character varying])::text[]))) (their text was compared, as the server could not"
                        + " read both: permission denied to create temporary tables in database \"" + database
                        + "\")");
        assertThat(Change.notFound(hyperkeep, backup, v18, other, CHANGES)).isEmpty();
    }

    @Test
    void continuous_aggregates_and_their_indexes_are_equal() throws SQLException {
        v17.requireCommunity("continuous aggregates");
        String source = v17.createDatabase("aggregates", true);
        try (Connection connection = v17.connect(source);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "CREATE TABLE m (at timestamptz NOT NULL, k varchar(9), v float8)",
                    "SELECT create_hypertable('m', by_range('at', interval '7 days'))",
                    "INSERT INTO m SELECT '2026-01-01'::timestamptz + g * interval '1 hour', 'a', g"
                            + " FROM generate_series(0, 400) g",
                    "CREATE MATERIALIZED VIEW daily WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS"
                            + " day, k, avg(v) AS v FROM m WHERE k IN ('a', 'b') GROUP BY 1, 2",
                    "CREATE INDEX ON daily (day) WHERE k IN ('a', 'b')",
                    "CREATE INDEX ON daily ((k IN ('c', 'd')))",
                    "CREATE INDEX named ON daily (k) WHERE k IN ('x', 'b')")) {
                statement.execute(sql);
            }
        }
        for (String kind : List.of("tables", "database")) {
            Path made = hyperkeep
                    .backup(v17, source, hyperkeep.folder().resolve("aggregates-" + kind), "--kind", kind)
                    .exitsWith(0)
                    .backup();
            String restored = v17.newDatabase("aggregates");
            hyperkeep.restore(v17, made, restored).exitsWith(0);
            assertThat(Change.notFound(
                            hyperkeep,
                            made,
                            v17,
                            restored,
                            List.of(Change.of(
                                    "DROP INDEX _timescaledb_internal.named; CREATE INDEX named ON public.daily (k)"
                                            + " WHERE k IN ('y', 'b')",
                                    "DROP INDEX _timescaledb_internal.named; CREATE INDEX named ON public.daily (k)"
                                            + " WHERE k IN ('x', 'b')",
                                    "table public.daily, index named: is "))))
                    .isEmpty();
        }
    }

    /** Everything that the two servers print of what is compared here. */
    private static List<String> definitions(TimescaleServer server, String uri) throws SQLException {
        return ServerSays.all(server, uri, """
                SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'app'::regnamespace
                   AND contype IN ('c', 'x')
                UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'app'
                UNION ALL SELECT definition FROM pg_views WHERE schemaname = 'app'
                UNION ALL SELECT qual || with_check FROM pg_policies WHERE schemaname = 'app'
                UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'app'::regnamespace
                ORDER BY 1""");
    }

    private static final List<String> SOURCE = List.of(
            "CREATE SCHEMA app",
            "CREATE DOMAIN app.code AS varchar(8) DEFAULT upper('x'::varchar)"
                    + " CONSTRAINT allowed CHECK (VALUE IN ('a', 'b'))"
                    + " CONSTRAINT \"Odd one\" CHECK (VALUE NOT IN ('x', 'y') AND length(VALUE) BETWEEN 1 AND 8)",
            "CREATE TABLE app.t (k varchar(20), c char(3), n int, v numeric, code app.code,"
                    + " g text GENERATED ALWAYS AS (CASE WHEN k IN ('a', 'b') THEN 'in' ELSE 'out' END) STORED,"
                    + " d boolean DEFAULT ('x'::varchar IN ('a', 'b')),"
                    + " CONSTRAINT k_in CHECK (k IN ('a', 'b', 'c')), CONSTRAINT k_not CHECK (k NOT IN ('x', 'y')),"
                    + " CONSTRAINT c_in CHECK (c IN ('a', 'b')), CONSTRAINT c_not CHECK (c NOT IN ('x', 'yy')),"
                    + " CONSTRAINT btw CHECK (n > 0 AND n BETWEEN 1 AND 10 AND v BETWEEN 0.5 AND 9))",
            "ALTER TABLE app.t ADD CONSTRAINT later CHECK (k IN ('a', 'b', 'q')) NOT VALID",
            "CREATE FUNCTION app.whole(app.t) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ($1).k::text'",
            "ALTER TABLE app.t ADD CONSTRAINT row_ok CHECK (app.whole(t.*) IS NOT NULL AND k IN ('a', 'b'))",
            "INSERT INTO app.t (k, c, n, v, code) VALUES ('a', 'a', 1, 1, 'a')",
            "CREATE INDEX part ON app.t (n) WHERE k IN ('a', 'b')",
            "CREATE INDEX computed ON app.t ((k IN ('a', 'b')), n)",
            "CREATE UNIQUE INDEX \"Odd index\" ON app.t (n, lower(k)) INCLUDE (v) WHERE c NOT IN ('a', 'b')",
            "CREATE INDEX of_row ON app.t (app.whole(t.*)) WHERE k IN ('a', 'b')",
            "CREATE STATISTICS app.st (mcv) ON (k IN ('a', 'b')), n FROM app.t",
            "CREATE TABLE app.audit (x text)",
            "CREATE RULE r AS ON UPDATE TO app.t WHERE OLD.k IN ('q', 'r')"
                    + " DO ALSO INSERT INTO app.audit SELECT OLD.k WHERE NEW.k IN ('a', 'b')",
            "CREATE FUNCTION app.trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER tr BEFORE UPDATE ON app.t FOR EACH ROW"
                    + " WHEN (OLD.k IN ('a', 'b') AND NEW.c NOT IN ('x', 'z')) EXECUTE FUNCTION app.trg('arg')",
            "CREATE TRIGGER tr_off BEFORE INSERT ON app.t FOR EACH ROW WHEN (NEW.k IN ('a', 'b'))"
                    + " EXECUTE FUNCTION app.trg()",
            "ALTER TABLE app.t DISABLE TRIGGER tr_off",
            "CREATE POLICY pol ON app.t USING (k IN ('a', 'b')"
                    + " AND EXISTS (SELECT 1 FROM app.audit WHERE audit.x = t.k)) WITH CHECK (k NOT IN ('z', 'y'))",
            "ALTER TABLE app.t ENABLE ROW LEVEL SECURITY",
            "CREATE TABLE app.ex (k varchar, n int, r int4range, EXCLUDE USING gist (r WITH &&) WHERE (k IN ('a', 'b')))",
            "CREATE VIEW app.v AS SELECT t.k, t.n, CASE WHEN t.k IN ('a', 'b') THEN 1 END AS x FROM app.t"
                    + " JOIN app.audit ON audit.x = t.k WHERE t.k NOT IN ('q', 'w') AND n BETWEEN 1 AND 5 AND v > 0",
            "CREATE VIEW app.simple AS SELECT k, n FROM app.t WHERE k IN ('a', 'b') WITH CHECK OPTION",
            "CREATE RULE vr AS ON INSERT TO app.v WHERE NEW.k IN ('a', 'b')"
                    + " DO INSTEAD INSERT INTO app.audit VALUES (NEW.k)",
            "CREATE RULE vr2 AS ON INSERT TO app.v DO INSTEAD NOTHING",
            "CREATE TRIGGER \"v tr\" AFTER INSERT ON app.simple FOR EACH STATEMENT"
                    + " WHEN (current_user::varchar IN ('a', 'b')) EXECUTE FUNCTION app.trg()",
            "CREATE MATERIALIZED VIEW app.mv AS SELECT k, n FROM app.t WHERE k IN ('a', 'b')",
            "CREATE INDEX mv_part ON app.mv (n) WHERE k IN ('a', 'b')",
            "CREATE FUNCTION app.atomic(x varchar, y varchar DEFAULT lower('A'::varchar),"
                    + " z boolean DEFAULT ('a'::varchar IN ('a', 'b'))) RETURNS boolean LANGUAGE sql"
                    + " BEGIN ATOMIC SELECT x IN ('a', 'b'); SELECT k IN ('a', 'b') FROM app.t; END",
            "CREATE FUNCTION app.ret(x varchar) RETURNS boolean LANGUAGE sql RETURN x IN ('a', 'b')",
            "CREATE PROCEDURE app.proc(x varchar) LANGUAGE sql"
                    + " BEGIN ATOMIC INSERT INTO app.audit SELECT x WHERE x IN ('a', 'b'); END",
            "CREATE TABLE app.p (k varchar, n int) PARTITION BY LIST ((k IN ('a', 'b')))",
            "CREATE TABLE app.p_t PARTITION OF app.p FOR VALUES IN (true)",
            "ALTER TABLE app.p ADD CONSTRAINT p_k CHECK (k IN ('a', 'c'))",
            "CREATE PUBLICATION hk_again FOR TABLE app.ex WHERE (n > 0 AND n BETWEEN 1 AND 5)",
            "ALTER TABLE app.ex REPLICA IDENTITY FULL",
            "CREATE TABLE app.h (at timestamptz NOT NULL, k varchar(9) CHECK (k IN ('a', 'b')), v float8)",
            "SELECT public.create_hypertable('app.h', 'at')",
            "CREATE INDEX h_part ON app.h (at) WHERE k IN ('a', 'b')",
            "INSERT INTO app.h SELECT '2026-01-01'::timestamptz + g * interval '1 hour', 'a', g"
                    + " FROM generate_series(0, 400) g",
            "CREATE TRIGGER h_tr BEFORE INSERT ON app.h FOR EACH ROW WHEN (NEW.k IN ('a', 'b'))"
                    + " EXECUTE FUNCTION app.trg()");

    /** A constant, a cast and a branch, each of them where the texts differ anyway. */
    private static final List<Change> CHANGES = List.of(
            Change.of(
                    "ALTER TABLE app.t DROP CONSTRAINT k_in, ADD CONSTRAINT k_in CHECK (k IN ('a', 'b', 'd')),"
                            + " DROP CONSTRAINT c_in, ADD CONSTRAINT c_in CHECK (c::text IN ('a', 'b')),"
                            + " DROP CONSTRAINT btw, ADD CONSTRAINT btw CHECK (n > 0 AND n BETWEEN 1 AND 10);"
                            + " DROP INDEX app.part; CREATE INDEX part ON app.t (n) WHERE k IN ('a', 'c');"
                            + " ALTER TABLE app.t DISABLE TRIGGER tr",
                    "ALTER TABLE app.t DROP CONSTRAINT k_in, ADD CONSTRAINT k_in CHECK (k IN ('a', 'b', 'c')),"
                            + " DROP CONSTRAINT c_in, ADD CONSTRAINT c_in CHECK (c IN ('a', 'b')),"
                            + " DROP CONSTRAINT btw,"
                            + " ADD CONSTRAINT btw CHECK (n > 0 AND n BETWEEN 1 AND 10 AND v BETWEEN 0.5 AND 9);"
                            + " DROP INDEX app.part; CREATE INDEX part ON app.t (n) WHERE k IN ('a', 'b');"
                            + " ALTER TABLE app.t ENABLE TRIGGER tr",
                    "table app.t, constraint btw: is CHECK (((n > 0) AND ((n >= 1) AND (n <= 10)))), not ",
                    "table app.t, constraint c_in: is CHECK (((c)::text = ANY (ARRAY['a'::text, 'b'::text]))), not"
                            + " CHECK ((c = ANY (ARRAY['a'::bpchar, 'b'::bpchar])))",
                    "table app.t, constraint k_in: is ",
                    "table app.t, index part: is ",
                    "table app.t, trigger tr: is "),
            Change.of(
                    "ALTER POLICY pol ON app.t USING (k IN ('a', 'b') AND EXISTS (SELECT 1 FROM app.audit))"
                            + " WITH CHECK (k NOT IN ('z', 'x'));"
                            + " ALTER TABLE app.t ALTER d SET DEFAULT ('x'::varchar IN ('a', 'x'));"
                            + " CREATE OR REPLACE VIEW app.simple AS SELECT k, n FROM app.t WHERE k IN ('a', 'q')"
                            + " WITH CHECK OPTION;"
                            + " CREATE OR REPLACE FUNCTION app.ret(x varchar) RETURNS boolean LANGUAGE sql"
                            + " RETURN x IN ('a', 'q'); ALTER DOMAIN app.code DROP CONSTRAINT allowed;"
                            + " ALTER DOMAIN app.code ADD CONSTRAINT allowed CHECK (VALUE IN ('a', 'q'))",
                    "ALTER POLICY pol ON app.t USING (k IN ('a', 'b')"
                            + " AND EXISTS (SELECT 1 FROM app.audit WHERE audit.x = t.k)) WITH CHECK (k NOT IN ('z', 'y'));"
                            + " ALTER TABLE app.t ALTER d SET DEFAULT ('x'::varchar IN ('a', 'b'));"
                            + " CREATE OR REPLACE VIEW app.simple AS SELECT k, n FROM app.t WHERE k IN ('a', 'b')"
                            + " WITH CHECK OPTION;"
                            + " CREATE OR REPLACE FUNCTION app.ret(x varchar) RETURNS boolean LANGUAGE sql"
                            + " RETURN x IN ('a', 'b'); ALTER DOMAIN app.code DROP CONSTRAINT allowed;"
                            + " ALTER DOMAIN app.code ADD CONSTRAINT allowed CHECK (VALUE IN ('a', 'b'))",
                    "table app.t, column d: is boolean DEFAULT ",
                    "table app.t, policy pol: its check is ",
                    "table app.t, policy pol: its condition is ",
                    "view app.simple: its definition is ",
                    "function app.ret(character varying): its definition is ",
                    "domain app.code: its constraints are "),
            Change.of(
                    "DROP RULE r ON app.t; CREATE RULE r AS ON UPDATE TO app.t WHERE OLD.k IN ('q', 's')"
                            + " DO ALSO INSERT INTO app.audit SELECT OLD.k WHERE NEW.k IN ('a', 'b');"
                            + " DROP STATISTICS app.st;"
                            + " CREATE STATISTICS app.st (mcv) ON (k IN ('a', 'z')), n FROM app.t;"
                            + " DROP INDEX app.mv_part; CREATE INDEX mv_part ON app.mv (n) WHERE k IN ('a', 'q')",
                    "DROP RULE r ON app.t; CREATE RULE r AS ON UPDATE TO app.t WHERE OLD.k IN ('q', 'r')"
                            + " DO ALSO INSERT INTO app.audit SELECT OLD.k WHERE NEW.k IN ('a', 'b');"
                            + " DROP STATISTICS app.st;"
                            + " CREATE STATISTICS app.st (mcv) ON (k IN ('a', 'b')), n FROM app.t;"
                            + " DROP INDEX app.mv_part; CREATE INDEX mv_part ON app.mv (n) WHERE k IN ('a', 'b')",
                    "table app.t, rule r: its definition is ",
                    "table app.t, statistics app.st: its definition is ",
                    "index app.mv_part: its definition is "));
}

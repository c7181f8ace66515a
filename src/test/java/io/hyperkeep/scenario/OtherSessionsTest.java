package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What makes a database's sessions other than those of a new one: settings that change the meaning of SQL or the text of
 * values, casts that make operators ambiguous, names with odd characters, event triggers, and definitions that change
 * while a backup is made.
 */
@Timeout(240)
class OtherSessionsTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    /** A superuser, as the role of the other tests has event triggers at every login. */
    private static final String SUPERUSER = ServerObjects.name("hk_sessions_");

    @TempDir
    Path folder;

    @BeforeAll
    static void createSuperuser() throws SQLException {
        objects.createLogin(server, SUPERUSER);
        server.execute("ALTER ROLE " + SUPERUSER + " SUPERUSER");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void settings_names_casts_and_triggers_change_nothing(String kind) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.newDatabase("sessions");
        fill(source);
        String before = logged(source);

        done(operator, operator.backup(asSuperuser(source), "--kind", kind));
        assertThat(logged(source)).isEqualTo(before);

        String target = server.newDatabase("sessions");
        server.execute("DROP DATABASE " + name(target));
        Operator.Ended restored = done(operator, operator.restore("latest", asSuperuser(target), "--create-database"));
        assertThat(restored.err()).doesNotContain("WARNING");
        assertThat(logged(target)).isEqualTo(before);
        done(operator, compare(operator, target));
        assertThat(logged(target)).isEqualTo(before);
        // looking is a statement that is logged, in either
        assertThat(DatabaseContents.differences(
                        EveryObject.contents(server, source), EveryObject.contents(server, target)))
                .isEmpty();

        if (kind.equals("tables")) {
            rowsAloneFireNothing(operator, target, before);
        }
    }

    /** The triggers are there before the rows, and are as they were afterwards. */
    private static void rowsAloneFireNothing(Operator operator, String target, String before) throws SQLException {
        ServerSays.done(
                server,
                target,
                "SET event_triggers = off",
                "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                        + " WHERE relkind = 'r' AND nspname IN ('public', 'pgboss', 'audit')"
                        + " LOOP EXECUTE format('TRUNCATE %s', t); END LOOP; END $$");
        done(operator, operator.restore("latest", asSuperuser(target), "--data-only"));
        assertThat(logged(target)).isEqualTo(before);
        assertThat(ServerSays.all(
                        server,
                        target,
                        "SELECT concat(evtname, ' ', evtenabled) FROM pg_event_trigger WHERE evtname LIKE 'on!_%' ESCAPE '!'"
                                + " ORDER BY evtname"))
                .containsExactly("on_ddl O", "on_drop A", "on_login A");
    }

    private static void fill(String source) throws SQLException {
        ServerSays.done(
                server,
                source,
                "CREATE SCHEMA pgboss",
                "CREATE TABLE pgboss.job AS SELECT n FROM generate_series(1, 20) n",
                // an escape, and text that looks like one
                "CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT E'a\\\\b', b bytea, f float8, x xml,"
                        + " CONSTRAINT c CHECK (v <> E'\\\\z'''))",
                "INSERT INTO t VALUES (1, E'x\\\\y', '\\x00ff5c', 0.1::float8 + 0.2, '<a/><b/>'), (2, NULL, NULL, NULL, NULL)",
                "CREATE VIEW v AS SELECT * FROM t WHERE v LIKE E'x\\\\_%'",
                "COMMENT ON TABLE t IS E'back\\\\slash '' quote \\\\'' end'",
                "CREATE TABLE \"odd\\name\" (\"col\\'x\" text)",
                "CREATE INDEX on_v ON t ((lower(v)))",
                "ALTER INDEX on_v ALTER COLUMN 1 SET STATISTICS 77",
                // characters whose UTF-8 has bytes that end a line, are blanks or are nothing that is seen
                """
                DO $$
                DECLARE cp int; n text;
                BEGIN
                  FOREACH cp IN ARRAY ARRAY[1, 10, 34, 37, 92, 133, 261, 8232, 65279, 128512] LOOP
                    -- several in one name, as each name costs nine objects
                    n := chr(cp) || CASE cp
                        WHEN 1 THEN (SELECT string_agg(chr(c), '') FROM unnest(ARRAY[9, 11, 27, 28]) c)
                        WHEN 10 THEN chr(13)
                        WHEN 34 THEN (SELECT string_agg(chr(c), '') FROM unnest(ARRAY[39, 36, 46, 47, 58, 59]) c)
                        WHEN 37 THEN chr(32) || chr(127)
                        WHEN 133 THEN chr(160)
                        WHEN 261 THEN (SELECT string_agg(chr(c), '') FROM unnest(ARRAY[197, 305, 769, 1094, 1477]) c)
                        WHEN 8232 THEN (SELECT string_agg(chr(c), '') FROM unnest(ARRAY[8203, 8207, 8233, 8238]) c)
                        WHEN 65279 THEN chr(12288) || chr(65533)
                        WHEN 128512 THEN chr(917505) || chr(1114109)
                        ELSE '' END;
                    EXECUTE format('CREATE TABLE %I (%I int CONSTRAINT %I CHECK (%I > 0), v text DEFAULT %L)',
                                   n || 't' || n || cp, n || 'c' || n, n || 'k' || n || cp, n || 'c' || n, n || 'd' || n);
                    EXECUTE format('INSERT INTO %I VALUES (%s, %L)', n || 't' || n || cp, cp, n || ' v ' || n);
                    EXECUTE format('CREATE INDEX %I ON %I (v)', n || 'i' || n || cp, n || 't' || n || cp);
                    EXECUTE format('COMMENT ON TABLE %I IS %L', n || 't' || n || cp, n || 'm' || n);
                    EXECUTE format('CREATE SCHEMA %I', n || 's' || n || cp);
                    EXECUTE format('CREATE TYPE %I.%I AS ENUM (%L, %L)', n || 's' || n || cp, n || 'e' || n, n || 'l', n || 'm');
                    EXECUTE format('CREATE VIEW %I.%I AS SELECT %L::%I.%I AS e', n || 's' || n || cp, n || 'v', n || 'm',
                                   n || 's' || n || cp, n || 'e' || n);
                  END LOOP;
                  -- as long as a name can be, and cut within a character
                  EXECUTE format('CREATE TABLE %I (%I int)', repeat('ą', 40), 'a' || repeat('日', 30));
                END $$
                """,
                "CREATE CAST (smallint AS text) WITH INOUT AS IMPLICIT",
                "CREATE CAST (integer AS text) WITH INOUT AS IMPLICIT",
                "CREATE CAST (bigint AS text) WITH INOUT AS IMPLICIT",
                "CREATE CAST (oid AS text) WITH INOUT AS IMPLICIT",
                "CREATE SCHEMA audit",
                "CREATE TABLE audit.log (id bigserial PRIMARY KEY, what text)",
                "CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS"
                        + " $$BEGIN INSERT INTO audit.log (what) VALUES (tg_event::text || ' ' || tg_tag); END$$",
                "CREATE FUNCTION audit.login() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS"
                        + " $$BEGIN IF session_user = '" + SUPERUSER
                        + "' THEN INSERT INTO audit.log (what) VALUES ('login'); END IF; END$$",
                "CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM t",
                "INSERT INTO audit.log (what) VALUES ('first')");
        for (String setting : List.of(
                "standard_conforming_strings = off",
                "backslash_quote = on",
                "bytea_output = escape",
                "quote_all_identifiers = on",
                "transform_null_equals = on",
                "default_transaction_isolation = serializable",
                "xmloption = document",
                "array_nulls = off",
                "\"DateStyle\" = 'SQL, DMY'",
                "\"IntervalStyle\" = iso_8601",
                "\"TimeZone\" = 'Asia/Kolkata'",
                "extra_float_digits = -5",
                "gin_fuzzy_search_limit = 5",
                "restrict_nonsystem_relation_kind = 'view, foreign-table'",
                "search_path = public, pg_catalog")) {
            server.execute("ALTER DATABASE " + name(source) + " SET " + setting);
        }
        ServerSays.done(
                server,
                source,
                "CREATE EVENT TRIGGER on_ddl ON ddl_command_end EXECUTE FUNCTION audit.note()",
                "CREATE EVENT TRIGGER on_drop ON sql_drop EXECUTE FUNCTION audit.note()",
                "ALTER EVENT TRIGGER on_drop ENABLE ALWAYS",
                "COMMENT ON EVENT TRIGGER on_drop IS 'notes'",
                "CREATE EVENT TRIGGER on_login ON login EXECUTE FUNCTION audit.login()",
                "ALTER EVENT TRIGGER on_login ENABLE ALWAYS");
    }

    /** Everything that was ever written to the log: a sequence goes on even where the row is gone. */
    private static String logged(String uri) {
        return ServerSays.one(
                server,
                uri,
                "SELECT string_agg(what, ', ' ORDER BY id) || (SELECT last_value FROM audit.log_id_seq)::text FROM audit.log");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void a_type_that_is_altered_meanwhile_fails_the_attempt(String kind) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.createDatabase("moves", false);
        Gate.build(server, source);
        ServerSays.done(
                server,
                source,
                "CREATE TYPE mood AS ENUM ('good', 'bad')",
                "CREATE TYPE pair AS (a int, b int)",
                "CREATE DOMAIN few AS int CHECK (VALUE < 10)",
                "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2'",
                "CREATE TABLE t AS SELECT 'good'::mood AS m, '(1,2)'::pair AS p, 3::few AS f");

        Operator.Ended ended;
        try (Gate gate = Gate.close(server, source, "seal")) {
            CompletableFuture<Operator.Ended> backup =
                    operator.begin(operator.backup(source, "--kind", kind, "--max-attempts", "1"));
            gate.awaitSomebody();
            ServerSays.done(
                    server,
                    source,
                    // what only comes anew does no harm
                    "ALTER TYPE mood ADD VALUE 'new'",
                    "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n + n'",
                    "ALTER TYPE mood RENAME VALUE 'good' TO 'g'",
                    "ALTER TYPE mood RENAME VALUE 'bad' TO 'good'",
                    "ALTER TYPE mood RENAME VALUE 'g' TO 'bad'",
                    "ALTER TYPE pair RENAME ATTRIBUTE a TO c",
                    "ALTER DOMAIN few SET DEFAULT 4");
            gate.open();
            ended = backup.get(60, TimeUnit.SECONDS);
        }

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.failure())
                .startsWith(
                        "hyperkeep: domain public.few, label 'good' of type public.mood, label 'bad' of type public.mood,"
                                + " type public.pair were altered while the backup was made: a part of it has the old definition, a"
                                + " part the new one\n"
                                + "HINT: run the backup again, at a time when no definitions are changed.\n");
        done(operator, operator.backup(source, "--kind", kind));
        assertThat(operator.manifest().totals().rows()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "tables, EUC_JP, 日本表ソ",
        "database, EUC_JP, 日本表ソ",
        "tables, SQL_ASCII, éЖ日",
        "database, WIN1251, Жця",
        "tables, LATIN1, éÅß"
    })
    void texts_come_back_in_the_encoding_of_their_database(String kind, String encoding, String text) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = inEncoding(encoding);
        for (String statement : List.of(
                "CREATE SCHEMA \"s%1$s\"",
                "CREATE TYPE \"s%1$s\".\"e%1$s\" AS ENUM ('l%1$s', 'm%1$s')",
                """
                CREATE TABLE "s%1$s"."t%1$s" ("c%1$s" int PRIMARY KEY, v text DEFAULT 'd%1$s', e "s%1$s"."e%1$s" DEFAULT 'l%1$s',
                    CONSTRAINT "k%1$s" CHECK (v <> 'x%1$s'))""",
                "COMMENT ON TABLE \"s%1$s\".\"t%1$s\" IS 'm%1$s'",
                "INSERT INTO \"s%1$s\".\"t%1$s\" VALUES (1, 'v%1$s'), (2, E'a\\\\%1$s\\n\"'), (3, NULL)",
                "CREATE INDEX \"i%1$s\" ON \"s%1$s\".\"t%1$s\" (v) WHERE v > '%1$s'",
                "CREATE FUNCTION \"f%1$s\"() RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN '%1$s'; END$$",
                "CREATE VIEW \"v%1$s\" AS SELECT '%1$s' || v AS z FROM \"s%1$s\".\"t%1$s\"",
                "COMMENT ON DATABASE " + name(source)
                        + " IS 'made by the tests of hyperkeep, which also drop it: %1$s'")) {
            ServerSays.done(server, source, statement.formatted(text));
        }

        done(operator, operator.backup(source, "--kind", kind));
        String target = server.newDatabase("encoding");
        server.execute("DROP DATABASE " + name(target));
        done(operator, operator.restore("latest", target, "--create-database"));
        done(operator, compare(operator, target));
        assertThat(DatabaseContents.differences(
                        EveryObject.contents(server, source), EveryObject.contents(server, target)))
                .isEmpty();
        for (String uri : List.of(source, target)) {
            assertThat(ServerSays.one(server, uri, "SHOW server_encoding")).isEqualTo(encoding);
        }
        String bytes = "SELECT string_agg(encode(convert_to(z, getdatabaseencoding()), 'hex'), ' ' ORDER BY z) FROM \"v"
                + text + "\"";
        assertThat(ServerSays.one(server, target, bytes)).isEqualTo(ServerSays.one(server, source, bytes));
    }

    @Test
    void a_name_that_the_database_cannot_read_is_refused_before_anything_is_written() throws Exception {
        Operator operator = new Operator(folder, server);
        String ascii = inEncoding("SQL_ASCII");
        ServerSays.done(
                server,
                ascii,
                "DO $$ BEGIN EXECUTE format('CREATE TABLE t (%I int)', 'caf' || convert_from('\\xe9', 'SQL_ASCII')); END $$");
        String japanese = inEncoding("EUC_JP");
        String role = ServerObjects.name("hk_sessions_") + "ą";
        server.execute("CREATE ROLE \"" + role + "\"");
        try {
            isRefused(operator, ascii, japanese, role);
        } finally {
            // every database of the server sees it
            server.execute("DROP ROLE \"" + role + "\"");
        }
    }

    private static void isRefused(Operator operator, String ascii, String japanese, String role) throws IOException {
        for (String kind : List.of("tables", "database")) {
            assertThat(refused(operator, ascii, kind)).isEqualTo("""
                    hyperkeep: the database is in SQL_ASCII, and "caf\\xe9" in its catalog, in pg_catalog.pg_attribute.attname, is not \
                    UTF-8: a backup cannot hold it
                    HINT: rename or correct it so that its bytes are UTF-8, or move the database into one with the encoding of its \
                    texts: `pg_dump --encoding=SQL_ASCII`, then psql with PGCLIENTENCODING set to that encoding.
                    """);
            assertThat(refused(operator, japanese, kind)).isEqualTo("""
                    hyperkeep: the name of role "%s\\xc4\\x85" is not in EUC_JP, in which this database is read: neither pg_dump nor \
                    hyperkeep can read it there
                    HINT: a name has the bytes of the database where it was given: rename the role in a database of that encoding, \
                    best to ASCII characters alone, which every database reads.
                    """.formatted(role.replace("ą", "")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void a_row_without_characters_fails_the_backup_with_its_table(String kind) throws Exception {
        Operator operator = new Operator(folder, server);
        String ascii = inEncoding("SQL_ASCII");
        ServerSays.done(
                server, ascii, "CREATE TABLE \"in Latin\" AS SELECT 'caf' || convert_from('\\xe9', 'SQL_ASCII') AS v");

        assertThat(refused(operator, ascii, kind))
                .contains(
                        kind.equals("tables")
                                ? "cannot export public.in Latin"
                                : "contents of table \"in Latin\" failed")
                .contains("invalid byte sequence for encoding \"UTF8\": 0xe9")
                .endsWith("""
                HINT: hyperkeep reads and writes UTF-8, and this text has none: correct it in the source. In a database in \
                SQL_ASCII every text must be UTF-8, and one in another encoding must hold that encoding's characters alone.
                """);
    }

    private static String refused(Operator operator, String source, String kind) throws IOException {
        Operator.Ended ended = operator.run(operator.backup(source, "--kind", kind));
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(operator.run("list", "--repository", operator.repository.toString())
                        .out())
                .doesNotContain(kind);
        return ended.failure();
    }

    /** A new one, under the name of another that its fixture drops. */
    private static String inEncoding(String encoding) throws SQLException {
        String uri = server.newDatabase("encoding");
        server.execute(
                "DROP DATABASE " + name(uri),
                "CREATE DATABASE " + name(uri) + " TEMPLATE template0 ENCODING '" + encoding
                        + "' LOCALE_PROVIDER libc LOCALE 'C'",
                "COMMENT ON DATABASE " + name(uri) + " IS 'made by the tests of hyperkeep, which also drop it'");
        return uri;
    }

    private static String[] compare(Operator operator, String uri) {
        return new String[] {
            "compare",
            "latest",
            asSuperuser(uri),
            "--repository",
            operator.repository.toString(),
            "--client-tools",
            server.clientTools().toString()
        };
    }

    private static Operator.Ended done(Operator operator, String[] arguments) {
        Operator.Ended ended = operator.run(arguments);
        assertThat(ended.exitCode()).as(ended.out() + ended.err()).isZero();
        return ended;
    }

    private static String asSuperuser(String uri) {
        return uri.replaceFirst("//[^@/]*@", "//" + SUPERUSER + "@");
    }

    private static String name(String uri) {
        return "\"" + uri.replaceAll(".*/|[?].*", "") + "\"";
    }
}

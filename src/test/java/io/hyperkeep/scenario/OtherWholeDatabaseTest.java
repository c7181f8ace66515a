package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whole databases of another locale, on another server, of another role, or without TimescaleDB. */
@Timeout(300)
class OtherWholeDatabaseTest {
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

    private static final String HOW_IT_IS = """
            SELECT datlocprovider::text || ' ' || datlocale || ' ' || datcollate || ' ' || spcname
              FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = current_database()
            """;

    /** Gone, but for its name, which the fixture drops at the end. */
    private static String absent(TimescaleServer server) throws SQLException {
        String uri = server.newDatabase("other");
        ServerSays.done(server, server.uri("postgres"), "DROP DATABASE " + name(uri));
        return uri;
    }

    private static String name(String uri) {
        return uri.replaceFirst("\\?.*", "").replaceFirst(".*/", "");
    }

    private static Ended whole(TimescaleServer server, String uri) {
        return hyperkeep.backup(server, uri, hyperkeep.folder().resolve("repository"), "--kind", "database");
    }

    @Test
    void locale_and_tablespace_come_back_on_a_later_server_too() throws SQLException {
        String tablespace = ServerObjects.name("hk_space_");
        objects.createTablespace(v17, tablespace);
        for (String locale : new String[] {
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'"
        }) {
            String source = absent(v17);
            ServerSays.done(
                    v17,
                    v17.uri("postgres"),
                    "CREATE DATABASE " + name(source) + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' " + locale
                            + " TABLESPACE " + tablespace);
            ServerSays.done(
                    v17, source, "CREATE TABLE texts AS SELECT chr(64 + n) AS text FROM generate_series(1, 99) n");
            String how = ServerSays.one(v17, source, HOW_IT_IS);
            Ended backup = whole(v17, source).exitsWith(0);
            String same = absent(v17);
            String later = absent(v18);

            hyperkeep.restore(v17, backup.backup(), same, "--create-database").exitsWith(0);
            Ended restored = hyperkeep.restore(v18, backup.backup(), later, "--create-database");

            assertThat(how).endsWith(" C " + tablespace).matches("[bi] .*");
            assertThat(ServerSays.one(v17, same, HOW_IT_IS)).isEqualTo(how);
            restored.exitsWith(3);
            assertThat(restored.warnings())
                    .containsExactly("other-tablespace: database " + name(later)
                            + " is in tablespace pg_default, the source is in " + tablespace);
            assertThat(ServerSays.one(v18, later, HOW_IT_IS)).isEqualTo(how.replace(tablespace, "pg_default"));
            assertThat(ServerSays.one(v18, later, "SELECT count(*) FROM texts")).isEqualTo("99");
        }
    }

    @Test
    void the_planners_statistics_come_along_and_only_missing_ones_are_gathered() throws SQLException {
        String source = v18.createDatabase("statistics", true);
        ServerSays.done(
                v18,
                source,
                "CREATE TABLE metrics (t timestamptz NOT NULL, host text, v float8)",
                "SELECT create_hypertable('metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO metrics SELECT '2026-01-01'::timestamptz + n * interval '1 minute', 'h' || n % 7, n"
                        + " FROM generate_series(1, 4000) n",
                "CREATE TABLE known AS SELECT n, n % 3 AS m FROM generate_series(1, 500) n",
                "CREATE INDEX known_twice ON known ((n * 2))",
                "CREATE TABLE unknown AS SELECT n FROM generate_series(1, 500) n",
                "CREATE TABLE related AS SELECT n, n AS m FROM generate_series(1, 500) n",
                "CREATE STATISTICS relation (dependencies) ON n, m FROM related",
                "ANALYZE metrics, known, related",
                // what nobody would find by looking at the rows
                "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', 'known', 'reltuples', 4711::real)");
        String chunk = ServerSays.one(v18, source, "SELECT min(c::text) FROM show_chunks('metrics') c");
        ServerSays.done(
                v18,
                source,
                "SELECT pg_restore_attribute_stats('schemaname', split_part('" + chunk + "', '.', 1), 'relname',"
                        + " split_part('" + chunk + "', '.', 2), 'attname', 'host', 'inherited', false,"
                        + " 'n_distinct', 123::real)");
        String statistics = """
                SELECT string_agg(concat_ws(' ', tablename, attname, null_frac, avg_width, n_distinct, most_common_vals,
                           most_common_freqs, histogram_bounds, correlation), E'\n' ORDER BY tablename, attname)
                  FROM pg_stats WHERE schemaname IN ('public', '_timescaledb_internal') AND tablename <> 'unknown'
                   AND tablename NOT LIKE 'bgw%' AND NOT inherited
                """;
        Path backup = whole(v18, source).exitsWith(0).backup();
        String target = absent(v18);

        hyperkeep.restore(v18, backup, target, "--create-database").exitsWith(0);

        assertThat(ServerSays.one(v18, target, statistics))
                .isEqualTo(ServerSays.one(v18, source, statistics))
                .contains("host 0 3 123 ", "known_twice");
        assertThat(ServerSays.one(v18, target, "SELECT reltuples FROM pg_class WHERE relname = 'known'"))
                .isEqualTo("4711");
        assertThat(
                        ServerSays.one(
                                v18,
                                target,
                                "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_stat_user_tables"
                                        + " WHERE last_analyze IS NOT NULL AND schemaname IN ('public', '_timescaledb_internal')"))
                .isEqualTo("related, unknown");
        assertThat(ServerSays.one(
                        v18,
                        target,
                        "SELECT count(*) FROM pg_statistic_ext_data JOIN pg_statistic_ext e ON oid = stxoid"))
                .isEqualTo("1");
        hyperkeep.run("verify", backup.toString()).exitsWith(0);
    }

    /** pg_restore ends as it would if the server refused one of them. */
    @Test
    void statistics_that_the_server_does_not_take_are_gathered() throws Exception {
        String source = v18.createDatabase("refused", true);
        ServerSays.done(v18, source, "CREATE TABLE known AS SELECT n FROM generate_series(1, 500) n", "ANALYZE known");
        Path backup = whole(v18, source).exitsWith(0).backup();
        String target = absent(v18);
        Path tools = Files.createTempDirectory(hyperkeep.folder(), "tools");
        for (String name : List.of("psql", "pg_dump")) {
            Files.createSymbolicLink(tools.resolve(name), v18.clientTools().resolve(name));
        }
        Path pgRestore = Files.writeString(
                tools.resolve("pg_restore"), """
                #!/bin/sh
                case "$*" in *5-statistics*) echo 'pg_restore: error: no statistics today' >&2; exit 1 ;; esac
                exec '%s' "$@"
                """.formatted(v18.clientTools().resolve("pg_restore")));
        Files.setPosixFilePermissions(pgRestore, PosixFilePermissions.fromString("rwx------"));

        hyperkeep
                .run(
                        "restore",
                        backup.toString(),
                        "--to",
                        target,
                        "--create-database",
                        "--client-tools",
                        tools.toString())
                .exitsWith(0);

        assertThat(ServerSays.one(
                        v18,
                        target,
                        "SELECT last_analyze IS NOT NULL FROM pg_stat_user_tables WHERE relname = 'known'"))
                .isEqualTo("t");
    }

    @Test
    void nobodys_superuser_dumps_every_database_and_restores_those_without_timescaledb() throws SQLException {
        String role = ServerObjects.name("hk_mortal_");
        objects.createLogin(v17, role);
        ServerSays.done(
                v17,
                v17.uri("postgres"),
                "ALTER ROLE " + role + " CREATEDB",
                "GRANT pg_read_all_data, pg_maintain TO " + role);
        String plain = v17.createDatabase("other", false);
        ServerSays.done(v17, plain, "CREATE TABLE numbers AS SELECT n FROM generate_series(1, 9) n");
        String timescale = v17.createDatabase("other", true);
        ServerSays.done(
                v17,
                timescale,
                "CREATE TABLE metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('metrics', 't')",
                "INSERT INTO metrics VALUES ('2026-01-01', 1)");

        Ended backup = whole(v17, as(role, plain)).exitsWith(0);
        String target = absent(v17);
        hyperkeep
                .restore(v17, backup.backup(), as(role, target), "--create-database", "--no-owner")
                .exitsWith(0);
        Ended other = whole(v17, as(role, timescale)).exitsWith(0);
        Ended refused = hyperkeep.restore(v17, other.backup(), as(role, absent(v17)), "--create-database");

        ServerSays.done(v17, v17.uri("postgres"), "GRANT postgres TO " + role + " WITH INHERIT FALSE");
        String borrowed = absent(v17);
        hyperkeep
                .restore(v17, other.backup(), as(role, borrowed), "--create-database", "--role", "postgres")
                .exitsWith(0);

        assertThat(ServerSays.one(
                        v17,
                        borrowed,
                        "SELECT sum(v) || tableowner FROM metrics, pg_tables"
                                + " WHERE tablename = 'metrics' GROUP BY tableowner"))
                .isEqualTo("1postgres");
        assertThat(ServerSays.one(
                        v17,
                        target,
                        "SELECT count(*) || tableowner FROM numbers, pg_tables"
                                + " WHERE tablename = 'numbers' GROUP BY tableowner"))
                .isEqualTo("9" + role);
        refused.exitsWith(12);
        assertThat(refused.err())
                .contains(
                        "role " + role
                                + " is no superuser, and only a superuser can restore an archive of a whole database with TimescaleDB")
                .contains("restore as a superuser, or restore a backup of kind tables, which the database's owner can");
    }

    private static String as(String role, String uri) {
        return uri.replaceFirst("//[^@/]*@", "//" + role + "@");
    }
}

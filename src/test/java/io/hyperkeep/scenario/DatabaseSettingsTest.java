package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a database as a whole, in backups of kind tables. */
@Timeout(180)
class DatabaseSettingsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final String READER = "\"settings \"\"reader\"\"\"";

    private static final String OWNER = "\"settings \"\"owner\"\"\"";

    @TempDir
    Path folder;

    @AfterEach
    void dropRole() throws Exception {
        server.execute("DROP ROLE IF EXISTS " + READER);
        server.execute("DROP ROLE IF EXISTS " + OWNER);
    }

    @Test
    void they_come_back_with_a_new_database_and_are_named_where_they_do_not() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.createDatabase("settings", false);
        String name = "\"" + source.replaceAll(".*/", "") + "\"";
        ServerSays.done(
                server,
                source,
                "DROP ROLE IF EXISTS " + READER,
                "DROP ROLE IF EXISTS " + OWNER,
                "CREATE ROLE " + READER,
                "CREATE ROLE " + OWNER,
                "CREATE TABLE public.a AS SELECT 1 AS n",
                "ALTER DATABASE " + name + " SET search_path TO app, \"Odd, \"\"name\"\"\", public",
                "ALTER DATABASE " + name + " SET default_transaction_read_only TO on",
                "ALTER ROLE " + READER + " IN DATABASE " + name + " SET work_mem TO '5MB'",
                "ALTER DATABASE " + name + " CONNECTION LIMIT 77",
                "COMMENT ON DATABASE " + name + " IS 'it''s :odd'",
                "ALTER DATABASE " + name + " OWNER TO " + OWNER,
                "REVOKE CONNECT ON DATABASE " + name + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + name + " TO " + READER + " WITH GRANT OPTION");
        done(operator, 0, operator.backup(source));

        // a new database: all of it, also what makes every later session read-only
        String created = server.newDatabase("settings");
        server.execute("DROP DATABASE " + created.replaceAll(".*/", ""));
        done(operator, 0, operator.restore("latest", created, "--create-database"));
        assertThat(settings(created)).isEqualTo(settings(source));
        done(operator, 0, compare(operator, created));

        // one that was there before keeps its own, which is no warning, until it is asked for or done by hand
        String present = server.newDatabase("settings");
        Operator.Ended kept = done(operator, 0, operator.restore("latest", present));
        assertThat(kept.err()).contains("settings and rights of the source's database are not applied");
        Operator.Ended differs = done(operator, 3, compare(operator, present));
        assertThat(differs.err())
                .contains(
                        "WARNING: of the database as a whole, not as in the backup: comment, connection limit, setting"
                                + " default_transaction_read_only, setting search_path, setting work_mem for role settings"
                                + " \"reader\", rights, owner\n");
        byHand(operator, present);
        server.execute("ALTER DATABASE \"" + present.replaceAll(".*/", "") + "\" OWNER TO " + OWNER);
        done(operator, 0, compare(operator, present));

        String asked = server.newDatabase("settings");
        done(operator, 0, operator.restore("latest", asked, "--database-settings"));
        assertThat(settings(asked)).isEqualTo(settings(source));

        // a server without the role has the rest
        for (String uri : List.of(source, created, present, asked)) {
            server.execute("ALTER ROLE " + READER + " IN DATABASE \"" + uri.replaceAll(".*/", "") + "\" RESET ALL");
            server.execute("REVOKE ALL ON DATABASE \"" + uri.replaceAll(".*/", "") + "\" FROM " + READER);
            server.execute("ALTER DATABASE \"" + uri.replaceAll(".*/", "") + "\" OWNER TO postgres");
        }
        server.execute("DROP ROLE " + READER);
        server.execute("DROP ROLE " + OWNER);
        String other = server.newDatabase("settings");
        Operator.Ended without = done(operator, 3, operator.restore("latest", other, "--database-settings"));
        assertThat(without.err())
                .contains(
                        "WARNING: not restored of the database as a whole: owner settings \"owner\": ERROR: role "
                                + OWNER.replace("\"\"", "\"") + " does not exist\n",
                        "WARNING: not restored of the database as a whole: setting work_mem for role settings \"reader\":"
                                + " ERROR: role ",
                        "WARNING: not restored of the database as a whole: right CONNECT of ");
        assertThat(ServerSays.one(server, other, "SELECT count(*) FROM public.a"))
                .isEqualTo("1");
    }

    private static Operator.Ended done(Operator operator, int exitCode, String... command) {
        Operator.Ended ended = operator.run(command);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(exitCode);
        return ended;
    }

    private static String[] compare(Operator operator, String uri) {
        return new String[] {
            "compare", "latest", uri, "--repository", operator.repository.toString(),
        };
    }

    private static void byHand(Operator operator, String uri) throws Exception {
        Process psql = new ProcessBuilder(
                        server.clientTools().resolve("psql").toString(),
                        "-X",
                        "-q",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-f",
                        operator.newest()
                                .path()
                                .resolve("schema/properties.sql")
                                .toString(),
                        uri)
                .inheritIO()
                .start();
        assertThat(psql.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(psql.exitValue()).isEqualTo(0);
    }

    private static String settings(String uri) {
        return ServerSays.one(server, uri, """
                SELECT concat_ws(';', datdba::regrole, datconnlimit, shobj_description(d.oid, 'pg_database'), datacl,
                                 (SELECT string_agg(setrole || one, ',' ORDER BY setrole, one)
                                    FROM pg_db_role_setting, unnest(setconfig) one WHERE setdatabase = d.oid))
                  FROM pg_database d WHERE datname = current_database()""");
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Users' functions that name what they need without a schema work while their database is restored, as they do in the
 * users' own sessions.
 */
@Timeout(300)
class UsersSearchPathTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String OWNER = ServerObjects.name("hk_path_");

    /** Rows with what was computed of them, and what is set for each function. */
    private static final String CONTENTS = """
            SELECT format('checked %s', c) FROM app.checked c
            UNION ALL SELECT format('event %s', e) FROM app.event e
            UNION ALL SELECT format('function %s %s %s', p.pronamespace::regnamespace, p.proname, p.proconfig)
              FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('app', 'helpers', 'others'))
            UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'app'
            ORDER BY 1
            """;

    private static String source;
    private static List<String> contents;

    @BeforeAll
    static void fill() throws SQLException {
        roles.createLogin(server, OWNER);
        source = server.createDatabase("path", true);
        ServerSays.done(
                server,
                source,
                "CREATE SCHEMA helpers",
                "CREATE SCHEMA others",
                "CREATE SCHEMA app",
                "CREATE FUNCTION helpers.simple(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(t) $$",
                // what another path would find
                "CREATE FUNCTION others.simple(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(t) $$",
                "CREATE FUNCTION app.slug(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS"
                        + " $$ BEGIN RETURN 'x' || simple(t); END $$",
                "CREATE FUNCTION app.fine(t text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN simple(t) <> ''; END $$",
                "CREATE FUNCTION app.own_path(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = others AS"
                        + " $$ BEGIN RETURN simple(t); END $$",
                "CREATE FUNCTION app.day_of(j jsonb) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS"
                        + " $$ BEGIN PERFORM simple('a'); RETURN 'epoch'::timestamptz + (j ->> 't')::int * interval '1 second'; END $$",
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = helpers, public', current_database()); END $$");
        // sessions that begin with these settings
        ServerSays.done(
                server,
                source,
                "CREATE DOMAIN app.word AS text CHECK (app.fine(VALUE))",
                "CREATE TABLE app.checked (id int PRIMARY KEY, t text CHECK (app.fine(t)), w app.word,"
                        + " s text GENERATED ALWAYS AS (app.slug(t)) STORED, o text GENERATED ALWAYS AS (app.own_path(t)) STORED)",
                // while it is empty: the server builds indexes with a path of its own
                "CREATE UNIQUE INDEX checked_slug ON app.checked (app.slug(t))",
                "CREATE STATISTICS app.slugs ON (app.slug(t)) FROM app.checked",
                "INSERT INTO app.checked SELECT n, 'Word ' || n, 'W' || n FROM generate_series(1, 20) n",
                "CREATE TABLE app.event (doc jsonb NOT NULL, v int)",
                "SELECT create_hypertable('app.event', 'doc', chunk_time_interval => interval '1 day',"
                        + " time_partitioning_func => 'app.day_of', create_default_indexes => false)",
                "INSERT INTO app.event SELECT jsonb_build_object('t', n * 50000), n FROM generate_series(1, 5) n");
        contents = ServerSays.all(server, source, CONTENTS);
        assertThat(contents).contains("checked (1,\"Word 1\",W1,\"xword 1\",\"WORD 1\")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void they_find_what_they_need(String kind) throws SQLException {
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve(kind), "--kind", kind)
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("path_" + kind);

        hyperkeep.restore(server, backup, target).exitsWith(0);

        assertThat(ServerSays.all(server, target, CONTENTS)).containsExactlyElementsOf(contents);
    }

    @Test
    void what_depends_on_the_role_is_computed_as_for_the_tables_owner_and_named() throws SQLException {
        String roles = server.createDatabase("path_roles", true);
        ServerSays.done(
                server,
                roles,
                "CREATE SCHEMA helpers",
                "CREATE SCHEMA others",
                "CREATE FUNCTION helpers.simple(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(t) $$",
                "CREATE FUNCTION others.simple(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(t) $$",
                "CREATE FUNCTION public.slug(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS"
                        + " $$ BEGIN RETURN simple(t); END $$",
                "CREATE TABLE public.of_role (t text, s text GENERATED ALWAYS AS (public.slug(t)) STORED)",
                "ALTER TABLE public.of_role OWNER TO " + OWNER,
                "SET search_path = others",
                "INSERT INTO public.of_role VALUES ('Of'), ('Role')",
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = helpers, public', current_database());"
                        + " EXECUTE format('ALTER ROLE " + OWNER
                        + " IN DATABASE %I SET search_path = others, public', current_database()); END $$");
        Path backup = hyperkeep
                .backup(server, roles, hyperkeep.folder().resolve("roles"))
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("path_of_role");

        Ended restored = hyperkeep.restore(server, backup, target).exitsWith(3);

        assertThat(restored.warnings())
                .containsExactly(
                        "search-path: generated columns are computed with function public.slug(t text), which has"
                                + " no search_path of its own, and roles have different ones: in the target it finds names as"
                                + " sessions of " + OWNER
                                + " do, whoever wrote the rows; ALTER FUNCTION … SET search_path, in the source, settles it");
        assertThat(ServerSays.all(server, target, "SELECT s FROM public.of_role ORDER BY 1"))
                .containsExactly("OF", "ROLE");
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.PsqlScript;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Continuous aggregates come back with what their raw data no longer has, and go on as they would have. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AggregatesTest {
    /** A server is of one edition, so one of the Apache edition has to be named beside that of the tests. */
    private static final String APACHE = "HYPERKEEP_TEST_APACHE_URI";

    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String owner = ServerObjects.name("hk_owner_");
    private static final String reader = ServerObjects.name("hk_reader_");
    private static final String ODD = "\"Odd \"\"Schema\".\"It''s \\ an.aggregate\"";
    private static DatabaseContents source;
    private static Path backup;

    @BeforeAll
    static void back_up() throws SQLException {
        server.requireCommunity("continuous aggregates");
        objects.createRole(server, owner);
        objects.createRole(server, reader);
        PsqlScript.run(
                server, server.uri(), AggregatesTest.class, "aggregates.sql", Map.of("owner", owner, "reader", reader));
        source = EveryObject.contents(server, server.uri());
        Ended ended = hyperkeep.backup(
                server, server.uri(), hyperkeep.folder().resolve("repository"), "--compression", "gzip");
        assertThat(ended.exitsWith(0).warnings()).isEmpty();
        backup = ended.backup();
    }

    @Test
    @Order(1)
    void an_edition_without_them_gets_all_else_and_what_it_does_not_get_is_named() throws SQLException {
        String apache = System.getenv(APACHE);
        assumeThat(apache)
                .as("%s names a server of the Apache edition, as superuser", APACHE)
                .isNotNull();
        String database = ServerObjects.name("hk_apache_");
        String target = apache.replaceFirst("/[^/]*$", "/" + database);
        ServerSays.done(server, apache, "CREATE ROLE " + owner, "CREATE ROLE " + reader);
        try {
            Ended restore = hyperkeep
                    .restore(server, backup, target, "--create-database", "--exclude", "app.kept")
                    .exitsWith(3);

            assertThat(restore.warnings()).containsExactlyInAnyOrderElementsOf(withoutAggregates());
            assertThat(DatabaseContents.differences(
                            source,
                            EveryObject.contents(server, target),
                            line -> line.startsWith("rows of app.metrics ") || line.startsWith("chunk of app.")))
                    .isEmpty();
        } finally {
            ServerSays.done(
                    server, apache, "DROP DATABASE IF EXISTS " + database, "DROP ROLE " + owner, "DROP ROLE " + reader);
        }
    }

    private static List<String> withoutAggregates() throws SQLException {
        List<String> warnings = new ArrayList<>();
        for (String aggregate : EveryObject.list(
                server,
                server.uri(),
                "SELECT view_schema || '.' || view_name FROM timescaledb_information.continuous_aggregates")) {
            warnings.add(
                    "continuous-aggregate: continuous aggregate " + aggregate
                            + " is not restored: the target has the Apache edition of TimescaleDB, which has no continuous aggregates");
        }
        assertThat(warnings).hasSize(9);
        String needs = " is not restored: it needs continuous aggregate app.";
        warnings.add("continuous-aggregate: view app.of_daily" + needs + "daily");
        warnings.add("continuous-aggregate: materialized view app.counted" + needs + "daily");
        warnings.add("continuous-aggregate: function app.first_hour()" + needs + "hourly");
        return warnings;
    }

    @Test
    @Order(4)
    void everything_is_as_it_was_and_goes_on_so() throws SQLException {
        String target = server.newDatabase("aggregates");

        assertThat(hyperkeep.restore(server, backup, target).exitsWith(0).warnings())
                .isEmpty();

        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .isEmpty();
        goes_on_as_the_source_would(target);
        old_buckets_outlive_a_full_refresh(target);
    }

    @Test
    @Order(3)
    void the_commands_by_hand_bring_it_back() throws Exception {
        String target = server.newDatabase("by_hand");

        RestoreByHandTest.runCommandsOf(server, backup, target);

        // chunks are made by the rows as they come, with today's settings
        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .filteredOn(line -> !line.contains("chunk of ") && !line.contains("storage of chunk "))
                .isEmpty();
        old_buckets_outlive_a_full_refresh(target);
    }

    private static void old_buckets_outlive_a_full_refresh(String target) throws SQLException {
        List<String> before = old(target);
        assertThat(before).hasSizeGreaterThan(1000);
        for (String aggregate :
                List.of("app.hourly", "app.by_name", "app.daily", "app.monthly", "app.thousands", ODD)) {
            refresh(target, aggregate, "NULL, NULL");
        }

        assertThat(old(target)).containsExactlyElementsOf(before);
    }

    /** What was pending is materialized as it would have been in the source, and so is what comes later. */
    private static void goes_on_as_the_source_would(String target) throws SQLException {
        for (String uri : List.of(server.uri(), target)) {
            ServerSays.done(
                    server,
                    uri,
                    "INSERT INTO app.metrics VALUES ('2026-02-03 05:06', 3, 7777), ('2026-03-03', 4, 8888)",
                    "INSERT INTO app.events VALUES (5, 'k1', 9999)");
        }
        assertThat(shown(target)).isEqualTo(shown(server.uri()));
        for (String uri : List.of(server.uri(), target)) {
            refresh(uri, "app.hourly", "'2026-01-25', '2026-03-05'");
            refresh(uri, "app.by_name", "'2026-01-25', '2026-03-05'");
            refresh(uri, "app.daily", "'2026-01-25', '2026-03-04'");
            refresh(uri, "app.weekly", "NULL, NULL");
            refresh(uri, "app.shifted", "NULL, NULL");
            refresh(uri, ODD, "0, 7000");
        }
        List<String> now = shown(target);
        assertThat(now).isEqualTo(shown(server.uri())).anyMatch(line -> line.contains("8888"));
    }

    private static void refresh(String uri, String aggregate, String window) throws SQLException {
        ServerSays.done(server, uri, "CALL public.refresh_continuous_aggregate('" + aggregate + "', " + window + ")");
    }

    private static List<String> shown(String uri) throws SQLException {
        return EveryObject.list(server, uri, """
                SELECT 'hour ' || h::text FROM app.hourly h WHERE hour >= '2026-01-25'
                UNION ALL SELECT 'day ' || d::text FROM app.daily d WHERE day >= '2026-01-25'
                UNION ALL SELECT 'name ' || n::text FROM app.by_name n WHERE day >= '2026-01-25'
                UNION ALL SELECT 'week ' || w::text FROM app.weekly w
                UNION ALL SELECT 'half ' || s::text FROM app.shifted s
                UNION ALL SELECT 'odd ' || o::text FROM "Odd ""Schema"."It's \\ an.aggregate" o WHERE "The ""bucket" >= 0
                UNION ALL SELECT 'thousand ' || t::text FROM app.thousands t
                UNION ALL SELECT 'unused ' || u::text FROM app.unused u
                UNION ALL SELECT 'of daily ' || v::text FROM app.of_daily v WHERE day >= '2026-01-25'
                ORDER BY 1""");
    }

    private static List<String> old(String uri) throws SQLException {
        return EveryObject.list(server, uri, """
                SELECT 'hour ' || h::text FROM app.hourly h WHERE hour < '2026-01-25'
                UNION ALL SELECT 'day ' || d::text FROM app.daily d WHERE day < '2026-01-12'
                UNION ALL SELECT 'name ' || n::text FROM app.by_name n WHERE day < '2026-01-25'
                ORDER BY 1""");
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** PostgreSQL takes a CHECK that reads another table, and then depends on the order in which rows come back. */
class ChecksAcrossTablesTest {
    private static final String ROWS =
            "SELECT (SELECT count(*) FROM public.zz) || ' ' || (SELECT count(*) FROM public.mm) || ' ' || (SELECT count(*) FROM public.bb)";

    @RegisterExtension
    @Order(1)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void rows_come_back_after_those_that_their_checks_read(String kind) throws SQLException {
        String source = database();
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve(kind), "--kind", kind)
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("checked");

        hyperkeep.restore(server, backup, target, "--create-database").exitsWith(0);

        assertThat(ServerSays.one(server, target, ROWS)).isEqualTo("20000 5000 20");
        Change.compare(hyperkeep, backup, target).exitsWith(0);
    }

    /** The first refusal is reported when no order lets the rows in. */
    @Test
    void rows_that_no_order_lets_in_are_refused_by_name() throws SQLException {
        String source = database();
        execute(
                source,
                "CREATE OR REPLACE FUNCTION public.in_bb(text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false'");
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("never"))
                .exitsWith(0)
                .backup();

        Ended ended = hyperkeep.restore(server, backup, server.newDatabase("never"), "--create-database");

        assertThat(ended.exitCode()).isEqualTo(1);
        JsonNode error = JsonMapper.shared().readTree(ended.err()).get("error");
        assertThat(error.get("message").asString())
                .endsWith(" into public.mm: new row for relation \"mm\" violates check constraint \"mm_kind\"");
        assertThat(error.get("hint").asString())
                .isEqualTo(
                        "the check is stricter than the rows, or reads what is not there: correct it in the source, or leave"
                                + " the table out with --exclude.");
    }

    /** The largest table is imported first, and reads the one in the middle, which reads the smallest. */
    private static String database() throws SQLException {
        String source = server.newDatabase("checks");
        execute(
                source,
                "CREATE TABLE public.bb (kind text PRIMARY KEY)",
                "CREATE FUNCTION public.in_bb(text) RETURNS boolean LANGUAGE sql STABLE"
                        + " AS 'SELECT EXISTS (SELECT FROM public.bb WHERE kind = $1)'",
                "CREATE TABLE public.mm (id int PRIMARY KEY, kind text, CONSTRAINT mm_kind CHECK (public.in_bb(kind)))",
                "CREATE FUNCTION public.in_mm(int) RETURNS boolean LANGUAGE sql STABLE"
                        + " AS 'SELECT EXISTS (SELECT FROM public.mm WHERE id = $1)'",
                "CREATE DOMAIN public.of_mm AS int CHECK (public.in_mm(VALUE))",
                "CREATE TABLE public.zz (id int PRIMARY KEY, other public.of_mm, text text)",
                "INSERT INTO public.bb SELECT 'k' || n FROM generate_series(1, 20) n",
                "INSERT INTO public.mm SELECT n, 'k' || (1 + n % 20) FROM generate_series(1, 5000) n",
                "INSERT INTO public.zz SELECT n, 1 + n % 5000, repeat('t', 50) FROM generate_series(1, 20000) n");
        return source;
    }

    private static void execute(String uri, String... sql) throws SQLException {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
    }
}

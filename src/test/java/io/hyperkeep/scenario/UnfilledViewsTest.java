package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be computed any more, or is another server's, does not stop the restore of all else. */
class UnfilledViewsTest {
    private static final String AGAIN = ". REFRESH MATERIALIZED VIEW \"public\".\"%1$s\" fills it once that is mended";
    private static final List<String> UNFILLED = List.of(
            "not-filled: materialized view public.a_remote is restored without its rows (WITH NO DATA): could not connect to"
                    + " server \"away\"" + AGAIN.formatted("a_remote"),
            "not-filled: materialized view public.b_divided is restored without its rows (WITH NO DATA): division by zero"
                    + AGAIN.formatted("b_divided"),
            "not-filled: materialized view public.c_reads_it is restored without its rows (WITH NO DATA): materialized view"
                    + " \"b_divided\" has not been populated" + AGAIN.formatted("c_reads_it"));

    @RegisterExtension
    @Order(1)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static String source;

    @BeforeAll
    static void fill() throws SQLException {
        assumeTrue(EveryObject.hasContributed(server), "needs PostgreSQL's contributed extensions");
        source = server.newDatabase("views");
        execute(
                source,
                "CREATE TABLE public.sales (id int, q int)",
                "INSERT INTO public.sales VALUES (1, 5), (2, 10)",
                "CREATE MATERIALIZED VIEW public.b_divided AS SELECT id, 100 / q AS r FROM public.sales",
                "CREATE MATERIALIZED VIEW public.c_reads_it AS SELECT count(*) FROM public.b_divided",
                "CREATE MATERIALIZED VIEW public.fine AS SELECT count(*) FROM public.sales",
                "UPDATE public.sales SET q = 0 WHERE id = 2",
                "CREATE EXTENSION postgres_fdw",
                "CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1')",
                "CREATE USER MAPPING FOR CURRENT_USER SERVER away OPTIONS (user 'u', password 'p')",
                "CREATE TABLE public.log (d date NOT NULL, v text) PARTITION BY RANGE (d)",
                "CREATE INDEX log_v ON public.log (v)",
                "CREATE TABLE public.log_new PARTITION OF public.log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                "CREATE FOREIGN TABLE public.log_old PARTITION OF public.log FOR VALUES FROM ('2023-01-01') TO"
                        + " ('2024-01-01') SERVER away",
                "INSERT INTO public.log VALUES ('2024-02-02', 'x')",
                "CREATE FUNCTION public.remote() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
                "CREATE MATERIALIZED VIEW public.a_remote AS SELECT public.remote() AS n",
                "CREATE OR REPLACE FUNCTION public.remote() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM"
                        + " public.log_old'");
    }

    private static void execute(String uri, String... sql) throws SQLException {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void views_that_cannot_be_filled_are_named_and_foreign_partitions_not_read(String kind) throws SQLException {
        Ended backup =
                hyperkeep.backup(server, source, hyperkeep.folder().resolve("repository-" + kind), "--kind", kind);
        assertThat(backup.warnings())
                .containsExactlyElementsOf(
                        kind.equals("database")
                                ? List.of()
                                : List.of(
                                        "foreign-table: foreign table public.log_old: its definition is in the backup,"
                                                + " the rows of the remote server are not"));
        Path folder = backup.backup();
        String target = server.newDatabase("views_restored");

        Ended restored =
                hyperkeep.restore(server, folder, target, "--max-attempts", "2").exitsWith(3);

        List<String> warnings = new ArrayList<>(UNFILLED);
        warnings.add(
                "invalid-index: table public.log, index log_v: is marked as invalid, as a partition is a foreign table,"
                        + " and PostgreSQL restores such an index no other way. Queries use the indexes of the partitions, which are"
                        + " valid");
        assertThat(restored.warnings()).containsExactlyElementsOf(warnings);
        assertThat(restored.err()).doesNotContain("ttempt 2");
        assertThat(EveryObject.list(server, target, "SELECT count::text FROM public.fine"))
                .containsExactly("2");
        assertThat(EveryObject.list(
                        server,
                        target,
                        "SELECT relname FROM pg_class WHERE relkind = 'm' AND NOT" + " relispopulated ORDER BY 1"))
                .containsExactly("a_remote", "b_divided", "c_reads_it");
        assertThat(EveryObject.list(
                        server,
                        target,
                        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent ="
                                + " 'public.log'::regclass ORDER BY 1"))
                .containsExactly("log_new", "log_old");
        Ended compared = hyperkeep.compare(server, folder, target).exitsWith(1);
        assertThat(compared.json().get("differences").findValuesAsString("on"))
                .containsExactly(
                        "materialized view public.a_remote",
                        "materialized view public.b_divided",
                        "materialized view public.c_reads_it",
                        "table public.log, index log_v");
    }
}

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
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tablespaces belong to a server: what another one lacks is named, and what was in it is restored. */
class MissingTablespacesTest {
    private static final String WHERE =
            "SELECT count(*)::text FROM pg_class WHERE relname IN ('t', 'p', 'p1', 'mv', 't_v', 't_id') AND reltablespace <> 0";

    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    @Order(3)
    static final TimescaleServer other = TimescaleServer.v18();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static String tablespace;
    private static String source;

    @BeforeAll
    static void fill() throws SQLException {
        tablespace = ServerObjects.name("hk_space_");
        objects.createTablespace(server, tablespace);
        source = server.newDatabase("spaces");
        String in = " TABLESPACE \"" + tablespace + "\"";
        try (Connection connection = server.connect(source);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "CREATE TABLE public.t (id int, v text, CONSTRAINT t_id PRIMARY KEY (id) USING INDEX" + in + ")"
                            + in,
                    "CREATE INDEX t_v ON public.t (v)" + in,
                    "INSERT INTO public.t VALUES (1, 'SET default_tablespace = none;')",
                    "CREATE TABLE public.p (k int) PARTITION BY RANGE (k)" + in,
                    "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (9)" + in,
                    "CREATE MATERIALIZED VIEW public.mv" + in + " AS SELECT count(*) FROM public.t")) {
                statement.execute(sql);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void what_was_in_one_goes_to_the_default_one_by_name(String kind) throws SQLException {
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve(kind), "--kind", kind)
                .exitsWith(0)
                .backup();
        String named = "the target's server has no tablespace " + tablespace + ": ";

        Ended refused = hyperkeep
                .restore(other, backup, other.newDatabase("spaces_strict"), "--strict")
                .exitsWith(1);
        assertThat(refused.err())
                .contains(
                        named,
                        "nothing was restored. Create these tablespaces, or restore with --no-tablespaces, which uses"
                                + " none.");

        String target = other.newDatabase("spaces");
        Ended restored = hyperkeep.restore(other, backup, target).exitsWith(3);
        assertThat(restored.warnings())
                .singleElement()
                .asString()
                .startsWith("tablespace: " + named)
                .contains("materialized view public.mv", "table public.p1", "table public.t")
                .endsWith(" and 1 more go to the database's default one");
        assertThat(EveryObject.list(other, target, WHERE)).containsExactly("0");

        String without = other.newDatabase("spaces_none");
        hyperkeep.restore(other, backup, without, "--no-tablespaces").exitsWith(0);
        assertThat(EveryObject.list(other, without, WHERE)).containsExactly("0");

        String same = server.newDatabase("spaces_same");
        hyperkeep.restore(server, backup, same).exitsWith(0);
        assertThat(EveryObject.list(server, same, WHERE)).containsExactly("6");
        hyperkeep.drill(server, backup, server.uri()).exitsWith(0);
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pg_dump brings back in its own way: foreign keys of partitions, invalid indexes, inherited columns, no public. */
class PartitionsAndInvalidIndexesTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final List<String> INVALID = List.of(
            "invalid-index: index public.mv_id of public.mv is invalid, as a failed CREATE INDEX CONCURRENTLY leaves it,"
                    + " and is not in the backup: REINDEX INDEX CONCURRENTLY makes it valid, DROP INDEX removes it",
            "invalid-index: index public.t_id of public.t is invalid, as a failed CREATE INDEX CONCURRENTLY leaves it, and"
                    + " is not in the backup: REINDEX INDEX CONCURRENTLY makes it valid, DROP INDEX removes it");

    private static final String REORDERED =
            "other-column-order: public.kid has its columns in another order than in the"
                    + " source: those that it inherits come first";

    @BeforeAll
    static void fill() throws SQLException {
        server.execute(
                "CREATE TABLE par (b int, a int)",
                "CREATE TABLE kid (c int, a int, b int)",
                "ALTER TABLE kid INHERIT par",
                "INSERT INTO kid VALUES (1, 2, 3)",
                "CREATE TABLE ref (id int PRIMARY KEY)",
                "INSERT INTO ref VALUES (1), (2)",
                "CREATE TABLE p (a int NOT NULL, k int) PARTITION BY LIST (k)",
                "CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (a)",
                "CREATE TABLE p_11 PARTITION OF p_1 FOR VALUES IN (1)",
                "CREATE TABLE \"P 2\" (k int, a int NOT NULL)",
                "ALTER TABLE p ATTACH PARTITION \"P 2\" FOR VALUES IN (2)",
                "ALTER TABLE p ADD CONSTRAINT p_fk FOREIGN KEY (a) REFERENCES ref (id) ON DELETE CASCADE",
                "INSERT INTO p VALUES (1, 1), (2, 2)",
                "CREATE INDEX p_k ON ONLY p (k)",
                "CREATE TABLE q (id int, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k)",
                "CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1)",
                "CREATE TABLE q2 PARTITION OF q FOR VALUES IN (2)",
                "INSERT INTO q VALUES (1, 1), (2, 2)",
                "CREATE TABLE c (id int, k int, FOREIGN KEY (id, k) REFERENCES q) PARTITION BY LIST (k)",
                "CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1)",
                "INSERT INTO c VALUES (1, 1)",
                "CREATE TABLE t AS SELECT g % 5 AS id FROM generate_series(1, 20) g",
                "CREATE MATERIALIZED VIEW mv AS SELECT * FROM t");
        for (String index : List.of("t_id ON t (id)", "mv_id ON mv (id)")) {
            assertThatThrownBy(() -> server.execute("CREATE UNIQUE INDEX CONCURRENTLY " + index))
                    .hasMessageContaining("could not create unique index");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void they_are_restored_or_named(String kind) throws SQLException {
        HyperkeepRuns.Ended made = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve(kind), "--kind", kind)
                .exitsWith(3);
        assertThat(made.warnings()).containsExactlyElementsOf(INVALID);
        Path backup = made.backup();
        Change.compare(hyperkeep, backup, server.uri()).exitsWith(0);

        String target = server.newDatabase(kind);
        assertThat(hyperkeep.restore(server, backup, target).exitsWith(3).warnings())
                .containsExactly(REORDERED);

        assertThat(Change.compare(hyperkeep, backup, target).exitsWith(3).warnings())
                .containsExactly(REORDERED);
        assertThat(Change.notFound(
                        hyperkeep,
                        backup,
                        server,
                        target,
                        List.of(Change.of(
                                "ALTER TABLE public.p DROP CONSTRAINT p_fk",
                                "ALTER TABLE public.p ADD CONSTRAINT p_fk FOREIGN KEY (a) REFERENCES public.ref (id)",
                                "table public.P 2, constraint p_fk: is missing",
                                "table public.p, constraint p_fk: is missing",
                                "table public.p_1, constraint p_fk: is missing",
                                "table public.p_11, constraint p_fk: is missing"))))
                .isEmpty();
    }

    @Test
    void a_foreign_key_of_a_partition_is_not_missed_where_its_parent_is_not_selected() throws SQLException {
        HyperkeepRuns.Ended made = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("part"), "--include", "public.c*")
                .exitsWith(3);
        assertThat(made.warnings())
                .containsExactly("not-selected: FK CONSTRAINT public.c c_id_k_fkey is not in the backup: it needs table"
                        + " public.q, which is not selected");
        String target = server.newDatabase("part");
        hyperkeep.restore(server, made.backup(), target).exitsWith(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void a_source_without_the_schema_public_is_restored_without(String kind) throws SQLException {
        String source = server.createDatabase("nopublic", false);
        ServerSays.done(
                server, source, "CREATE SCHEMA app", "CREATE TABLE app.t AS SELECT 1 AS a", "DROP SCHEMA public");
        Path backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("nopublic-" + kind), "--kind", kind)
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("nopublic");
        if (kind.equals("tables")) {
            assertThat(hyperkeep.restore(server, backup, target).exitsWith(3).warnings())
                    .containsExactly("schema-public: the target has schema public, which the source did not have:"
                            + " DROP SCHEMA public removes it");
            target = target + "_new";
        }
        try {
            hyperkeep.restore(server, backup, target, "--create-database").exitsWith(0);
            assertThat(ServerSays.one(server, target, "SELECT to_regnamespace('public') IS NULL"))
                    .isEqualTo("t");
            Change.compare(hyperkeep, backup, target).exitsWith(0);
        } finally {
            ServerSays.done(
                    server,
                    server.uri("postgres"),
                    "DROP DATABASE IF EXISTS \""
                            + target.replaceFirst(".*/", "").replaceFirst("\\?.*", "") + "\" WITH (FORCE)");
        }
    }
}

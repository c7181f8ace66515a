package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that are divided by hashes which no other database shares are found by queries there, every one of them. */
class HashesOfAnotherDatabaseTest {
    @RegisterExtension
    @Order(1)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static String source;

    @BeforeAll
    static void fill() throws SQLException {
        source = server.newDatabase("hashes");
        execute(
                source,
                "CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy', 'meh', 'angry', 'calm', 'bored', 'tense')",
                "CREATE DOMAIN public.dmood AS public.mood",
                "CREATE TYPE public.pair AS (a int, m public.mood)",
                "CREATE TABLE public.a_enum (id int, m public.dmood) PARTITION BY HASH (m)",
                "CREATE TABLE public.b_array (id int, m public.mood[]) PARTITION BY HASH (m)",
                "CREATE TABLE public.c_composite (id int, m public.pair) PARTITION BY HASH (m)",
                "CREATE TABLE public.e_class (id int, m regclass) PARTITION BY HASH (m)",
                "CREATE TABLE public.stable (id int, m text) PARTITION BY HASH (m)",
                "DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['a_enum', 'b_array', 'c_composite',"
                        + " 'e_class', 'stable'] LOOP FOR i IN 0..4 LOOP EXECUTE format('CREATE TABLE public.%I PARTITION OF"
                        + " public.%I FOR VALUES WITH (MODULUS 5, REMAINDER %s)', t || i, t, i); END LOOP; END LOOP; END $$",
                "CREATE VIEW public.drawn AS SELECT g AS id, (enum_range(NULL::public.mood))[1 + g % 8] AS m FROM"
                        + " generate_series(0, 79) AS g",
                "INSERT INTO public.a_enum SELECT id, m FROM public.drawn",
                "INSERT INTO public.b_array SELECT id, ARRAY[m] FROM public.drawn",
                "INSERT INTO public.c_composite SELECT id, ROW(id % 3, m)::public.pair FROM public.drawn",
                "INSERT INTO public.e_class SELECT id, ((ARRAY['public.a_enum', 'public.b_array', 'public.c_composite',"
                        + " 'public.e_class', 'public.stable'])[1 + id % 5])::regclass FROM public.drawn",
                "INSERT INTO public.stable SELECT id, 'v' || id FROM public.drawn",
                // by range first, and below the hash by range again
                "CREATE TABLE public.f_sub (id int, m public.mood, d int) PARTITION BY RANGE (d)",
                "CREATE TABLE public.f_low PARTITION OF public.f_sub FOR VALUES FROM (0) TO (10) PARTITION BY HASH (m)",
                "CREATE TABLE public.f_low0 PARTITION OF public.f_low FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE public.f_low1 PARTITION OF public.f_low FOR VALUES WITH (MODULUS 2, REMAINDER 1)"
                        + " PARTITION BY RANGE (id)",
                "CREATE TABLE public.f_low1a PARTITION OF public.f_low1 FOR VALUES FROM (0) TO (40)",
                "CREATE TABLE public.f_low1b PARTITION OF public.f_low1 DEFAULT",
                "CREATE TABLE public.f_high PARTITION OF public.f_sub DEFAULT",
                "INSERT INTO public.f_sub SELECT id, m, id % 20 FROM public.drawn");
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
    void rows_of_hash_partitions_are_restored_through_their_table(String kind) throws SQLException {
        Ended backup = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("hashes-" + kind), "--kind", kind)
                .exitsWith(0);
        String target = server.newDatabase("hashes_restored");

        Ended restored = hyperkeep.restore(server, backup.backup(), target);

        // by chance every row of a small table may have found its old place again
        assertThat(restored.exitCode()).as(restored.err()).isIn(0, 3);
        assertThat(restored.warnings())
                .allMatch(
                        warning -> warning.startsWith("other-partitions: table public.")
                                && warning.endsWith(
                                        ": its rows are divided otherwise among its partitions or chunks: they go by hashes"
                                                + " that are others in each database, as those of an enum are; no row is missing"));
        assertThat(String.join("\n", restored.warnings())).doesNotContain("stable", "f_high");
        for (String table : List.of("a_enum", "b_array", "c_composite", "e_class", "stable", "f_sub")) {
            String rows = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM public." + table + " t";
            assertThat(EveryObject.list(server, target, rows))
                    .as(table)
                    .isEqualTo(EveryObject.list(server, source, rows));
        }
        assertThat(hyperkeep.compare(server, backup.backup(), target).exitCode())
                .isEqualTo(restored.exitCode());
        execute(target, "UPDATE public.a_enum SET m = 'sad' WHERE id = 1", "DELETE FROM public.f_low WHERE id = 1");
        Ended compared = hyperkeep.compare(server, backup.backup(), target).exitsWith(1);
        assertThat(compared.out()).contains("public.a_enum", "public.f_low").doesNotContain("public.stable");
    }

    @Test
    void rows_of_hash_dimensions_come_into_the_chunks_that_they_belong_to() throws SQLException {
        String spaced = server.createDatabase("spaced", true);
        execute(
                spaced,
                "CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy', 'meh', 'angry', 'calm', 'bored', 'tense')",
                "CREATE TABLE public.s (t timestamptz NOT NULL, m public.mood NOT NULL, v int)",
                "SELECT create_hypertable('public.s', by_range('t', interval '1 day'))",
                "SELECT add_dimension('public.s', by_hash('m', 4))",
                "INSERT INTO public.s SELECT '2024-01-01'::timestamptz + g * interval '1 hour',"
                        + " (enum_range(NULL::public.mood))[1 + g % 8], g FROM generate_series(0, 99) g");

        Ended backup = hyperkeep
                .backup(server, spaced, hyperkeep.folder().resolve("spaced"))
                .exitsWith(0);
        String target = server.newDatabase("spaced_restored");
        Ended restored = hyperkeep.restore(server, backup.backup(), target);
        assertThat(restored.exitCode()).as(restored.err()).isIn(0, 3);
        String found =
                "SELECT m || ' ' || count(*) || ' ' || sum(v) FROM public.s WHERE m = '%s'::public.mood GROUP BY m";
        for (String mood : List.of("sad", "ok", "happy", "meh", "angry", "calm", "bored", "tense")) {
            assertThat(EveryObject.list(server, target, found.formatted(mood)))
                    .isEqualTo(EveryObject.list(server, spaced, found.formatted(mood)));
        }

        Ended refused = hyperkeep
                .backup(server, spaced, hyperkeep.folder().resolve("spaced"), "--kind", "database")
                .exitsWith(1);
        assertThat(refused.err())
                .contains(
                        "queries would not find rows that pg_restore brings back: hypertables are partitioned by hashes that"
                                + " are others in each database, as those of an enum are, in public.s, column m")
                .contains(
                        "make a backup of kind tables, whose rows are restored into the chunks that they then belong to.");
    }
}

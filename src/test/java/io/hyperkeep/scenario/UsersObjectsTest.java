package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users' objects come back wherever they are: in TimescaleDB's own schemas, and in schemas that are called as ours is. */
class UsersObjectsTest {
    @RegisterExtension
    @Order(1)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    @BeforeAll
    static void fill() throws SQLException {
        server.execute(
                "COMMENT ON EXTENSION timescaledb IS 'of the house'",
                "CREATE TABLE public.r (time timestamptz NOT NULL, v float8)",
                "SELECT create_hypertable('public.r', by_range('time', interval '1 day'))",
                // the first chunk's name is free again, and a table gets it, as a chunk that is detached keeps its own
                "INSERT INTO public.r VALUES ('2026-01-01', 1)",
                "CREATE TABLE public.detached (of text)",
                "INSERT INTO public.detached SELECT show_chunks('public.r')::text",
                "SELECT drop_chunks('public.r', older_than => '2026-02-01'::timestamptz)",
                "INSERT INTO public.r VALUES ('2026-10-01', 1)",
                "DO $$ BEGIN EXECUTE 'CREATE TABLE ' || (SELECT of FROM public.detached) || ' AS SELECT 7 AS v'; END $$",
                "CREATE TYPE _timescaledb_internal.mood AS ENUM ('a', 'b')",
                "CREATE DOMAIN _timescaledb_internal.small AS int CHECK (VALUE < 10)",
                "CREATE SEQUENCE _timescaledb_internal.seq",
                "CREATE FUNCTION _timescaledb_internal.mine(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1'",
                "CREATE TABLE _timescaledb_internal.kept (a int DEFAULT nextval('_timescaledb_internal.seq'),"
                        + " m _timescaledb_internal.mood, s _timescaledb_internal.small)",
                "INSERT INTO _timescaledb_internal.kept (m) VALUES ('a'), ('b')",
                "CREATE INDEX ON _timescaledb_internal.kept (a)",
                "CREATE STATISTICS _timescaledb_internal.st ON a, s FROM _timescaledb_internal.kept",
                "GRANT SELECT ON _timescaledb_internal.kept TO PUBLIC",
                "CREATE VIEW public.v AS SELECT _timescaledb_internal.mine(a) AS x, m FROM _timescaledb_internal.kept",
                "CREATE MATERIALIZED VIEW _timescaledb_internal.mv AS SELECT count(*) FROM _timescaledb_internal.kept",
                "CREATE VIEW timescaledb_information.own AS SELECT 1 AS one",
                "CREATE SCHEMA _timescaledb_extra",
                "COMMENT ON SCHEMA _timescaledb_extra IS 'extra'",
                "GRANT USAGE ON SCHEMA _timescaledb_extra TO PUBLIC",
                "CREATE FUNCTION _timescaledb_extra.touch() RETURNS trigger LANGUAGE plpgsql"
                        + " AS 'BEGIN new.b := 1; RETURN new; END'",
                "CREATE TABLE _timescaledb_extra.t (a int PRIMARY KEY, b int)",
                "CREATE TRIGGER touch BEFORE INSERT ON _timescaledb_extra.t FOR EACH ROW"
                        + " EXECUTE FUNCTION _timescaledb_extra.touch()",
                "INSERT INTO _timescaledb_extra.t VALUES (1), (2), (3)",
                "CREATE PUBLICATION pub FOR TABLE _timescaledb_extra.t",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA _timescaledb_extra GRANT SELECT ON TABLES TO PUBLIC",
                // called as the ledger of a restore is
                "CREATE SCHEMA hyperkeep",
                "COMMENT ON SCHEMA hyperkeep IS 'of the house'",
                "CREATE TABLE hyperkeep.restore (id int)",
                "INSERT INTO hyperkeep.restore VALUES (1), (2)",
                "CREATE TABLE hyperkeep.ledger (backup text, item text)",
                "CREATE SCHEMA information_schema2",
                "CREATE TABLE information_schema2.t AS SELECT 1 AS a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tables", "database"})
    void they_come_back_and_compare_sees_each_of_them(String kind, @TempDir Path repository) throws SQLException {
        Ended backup = hyperkeep.backup(server, server.uri(), repository, "--kind", kind);
        assertThat(backup.exitsWith(0).warnings()).isEmpty();
        String target = server.newDatabase("users");
        Ended restored = hyperkeep.restore(server, backup.backup(), target);
        assertThat(restored.exitsWith(0).warnings()).isEmpty();

        assertThat(lines(target)).isEqualTo(lines(server.uri()));
        assertThat(hyperkeep.compare(server, backup.backup(), target).exitCode())
                .isZero();
        // the next chunk gets a name that no table has
        ServerSays.done(server, target, "INSERT INTO public.r VALUES ('2026-11-01', 2)");

        ServerSays.done(
                server,
                target,
                "INSERT INTO _timescaledb_internal.kept (a) VALUES (9)",
                "DROP SCHEMA hyperkeep CASCADE",
                "DROP VIEW timescaledb_information.own",
                "COMMENT ON EXTENSION timescaledb IS NULL");
        assertThat(hyperkeep
                        .compare(server, backup.backup(), target)
                        .exitsWith(1)
                        .out())
                .contains(
                        "table hyperkeep.ledger",
                        "table hyperkeep.restore",
                        "schema hyperkeep",
                        "view timescaledb_information.own",
                        "extension timescaledb",
                        "_timescaledb_internal.kept");
    }

    private static String lines(String uri) throws SQLException {
        return ServerSays.one(server, uri, """
                SELECT concat_ws(E'\\n', (SELECT count(*) FROM _timescaledb_internal.kept),
                       (SELECT string_agg(x || ' ' || m, ',' ORDER BY x) FROM public.v),
                       (SELECT count FROM _timescaledb_internal.mv), (SELECT last_value FROM _timescaledb_internal.seq),
                       (SELECT string_agg(a || ' ' || b, ',' ORDER BY a) FROM _timescaledb_extra.t),
                       (SELECT count(*) FROM hyperkeep.restore), (SELECT a FROM information_schema2.t),
                       (SELECT one FROM timescaledb_information.own),
                       obj_description(to_regnamespace('hyperkeep'), 'pg_namespace'),
                       (SELECT string_agg(n.nspname || '.' || c.relname || ' ' || c.relkind::text, ',' ORDER BY n.nspname, c.relname)
                          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                         WHERE n.nspname IN ('hyperkeep', '_timescaledb_extra', 'information_schema2')
                            OR format('%I.%I', n.nspname, c.relname) = (SELECT of FROM public.detached)),
                       (SELECT string_agg(nspname, ',' ORDER BY nspname) FROM pg_namespace WHERE nspname LIKE 'hyper%'),
                       (SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'timescaledb'))
                """);
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A database that was left in TimescaleDB's restoring mode: by a restore that was killed, or by somebody's own. */
@Timeout(300)
class RestoringModeTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v18();

    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    Path folder;

    private Operator operator;
    private String source;

    @BeforeEach
    void fill() throws SQLException {
        operator = new Operator(folder, server);
        source = server.createDatabase("restoring_source", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n"
                        + " FROM generate_series(0, 479) n",
                "CREATE INDEX ON public.metrics (v)");
    }

    // in short, CrashedWholeRestoreTest does the same
    @Test
    @Tag("long")
    void a_killed_restore_is_repaired_or_restarted() throws SQLException {
        assertThat(operator.run(operator.backup(source, "--kind", "database")).exitCode())
                .isZero();
        String target = server.newDatabase("restoring");
        String name = target.substring(target.lastIndexOf('/') + 1);
        try (RunningCommand restore = operator.fork(HEAP, operator.restore("latest", target))) {
            ServerSays.yes(server, server.uri(), "restoring mode", restoring(name));
            restore.kill();
        }
        assertThat(ServerSays.one(server, server.uri(), restoring(name))).isEqualTo("t");
        ServerSays.yes(
                server,
                server.uri(),
                "pg_restore, which nobody told, has ended",
                "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '" + name
                        + "' AND application_name LIKE 'hyperkeep/%'");

        Operator.Ended repaired = operator.run("repair", target);

        assertThat(repaired.exitCode()).isEqualTo(3);
        assertThat(repaired.out()).isEqualTo("database " + name + " was in restoring mode and is not any more\n");
        assertThat(repaired.err())
                .containsPattern(
                        "WARNING: a restore of backup [^,]+, begun [-0-9]+ [:0-9]+ UTC, did not end: do not use"
                                + " this database\\. Its jobs are switched off; restart that run, or drop the database\n");
        assertThat(ServerSays.one(server, target, "SHOW timescaledb.restoring")).isEqualTo("off");

        Operator.Ended restarted = operator.run("runs", "restart", "2");

        assertThat(restarted.exitCode()).as(restarted.err()).isZero();
        assertThat(restarted.err())
                .contains("database " + name
                        + " holds a part of this restore, from an attempt that failed: it is dropped and created anew");
        assertThat(ServerSays.one(
                        server,
                        target,
                        "SELECT count(*) || ' ' || sum(v) || ' ' || current_setting('timescaledb.restoring')"
                                + " FROM public.metrics"))
                .isEqualTo("480 114960 off");
        assertThat(operator.run("repair", target).exitCode()).isZero();
        assertThat(operator.run("compare", "latest", target, "--repository", operator.repository.toString())
                        .exitCode())
                .isZero();
    }

    @Test
    void a_restore_whose_rows_are_not_those_of_the_archive_fails() throws SQLException {
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.plain AS SELECT n FROM generate_series(1, 9) n",
                "CREATE FUNCTION public.meddle() RETURNS int LANGUAGE plpgsql AS $$ BEGIN"
                        + " UPDATE public.plain SET n = -n; RETURN 1; END $$",
                // a restore fills it once more
                "CREATE MATERIALIZED VIEW public.meddling AS SELECT public.meddle() AS done");
        assertThat(operator.run(operator.backup(source, "--kind", "database")).exitCode())
                .isZero();
        String target = server.newDatabase("meddled");
        String name = ServerSays.one(server, target, "SELECT current_database()");

        Operator.Ended restored = operator.run(operator.restore("latest", target));

        assertThat(restored.exitCode()).isEqualTo(1);
        assertThat(restored.failure())
                .startsWith("hyperkeep: what is in database " + name + " is not what is in backup ")
                .endsWith(": relation public.plain: has as many rows as the backup, 9, but not the same ones\n"
                        + "HINT: do not use this database; the schema hyperkeep in it marks it as unfinished\n");
        assertThat(ServerSays.one(server, target, "SELECT to_regclass('hyperkeep.restore') IS NOT NULL"))
                .isEqualTo("t");
    }

    private static String restoring(String database) {
        return "SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
                + " WHERE d.datname = '" + database + "' AND s.setconfig::text LIKE '%timescaledb.restoring=on%')";
    }

    @Test
    void rows_that_went_astray_are_found_and_can_be_moved() throws SQLException {
        String name = ServerSays.one(server, source, "SELECT current_database()");
        ServerSays.done(server, source, "SELECT timescaledb_pre_restore()");
        ServerSays.done(server, source, "INSERT INTO public.metrics VALUES ('2026-01-05', -1), ('2026-01-06', -2)");

        Operator.Ended refused = operator.run(operator.backup(source, "--kind", "database"));
        Operator.Ended repaired = operator.run("repair", source);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.failure())
                .isEqualTo("hyperkeep: timescaledb.restoring is on in database " + name
                        + ": a restore into it did not end, and queries do not see every row\n"
                        + "HINT: `hyperkeep repair` takes it out of that mode and says what it finds\n");
        assertThat(repaired.exitCode()).isEqualTo(3);
        String move = "SET timescaledb.restoring = on; CREATE TEMP TABLE stray AS SELECT * FROM ONLY"
                + " \"public\".\"metrics\"; TRUNCATE ONLY \"public\".\"metrics\"; SET timescaledb.restoring = off;"
                + " INSERT INTO \"public\".\"metrics\" SELECT * FROM stray;";
        assertThat(repaired.err())
                .isEqualTo(
                        "WARNING: the root table of hypertable public.metrics holds 2 rows that no query shows, written"
                                + " while the database was in restoring mode. To move them into chunks, as superuser and in one"
                                + " session: " + move + "\n");
        ServerSays.done(server, source, move.split("; "));
        assertThat(ServerSays.one(server, source, "SELECT count(*) FROM public.metrics"))
                .isEqualTo("482");
        Operator.Ended again = operator.run("repair", source);
        assertThat(again.exitCode()).isZero();
        assertThat(again.out()).isEqualTo("database " + name + " is not in restoring mode\n");
        assertThat(again.err()).isEmpty();
    }

    @Test
    void a_database_without_the_extension_is_told() throws SQLException {
        String plain = server.createDatabase("restoring_plain", false);
        String name = ServerSays.one(server, plain, "SELECT current_database()");

        Operator.Ended ended = operator.run("repair", plain);

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.failure())
                .isEqualTo("hyperkeep: database " + name
                        + " does not have TimescaleDB, so it can not be in restoring mode\n"
                        + "HINT: is it another database that was meant?\n");
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies and jobs come back as they were, and none of them runs before everything was compared. */
class PoliciesAndJobsTest {
    /** Everything of a job but its number, its statistics, and the numbers in its configuration. */
    private static final String JOBS = """
            SELECT format('%s.%s on %s as %s | %s every %s fixed %s from %s in %s | %s %s %s | %s | check %s.%s | %s | %s',
                   proc_schema, proc_name, coalesce(a.user_view_schema || '.' || a.user_view_name, h.schema_name || '.' || h.table_name, 'nothing'), owner,
                   regexp_replace(application_name, ' \\[\\d+\\]$', ''), schedule_interval, fixed_schedule, initial_start,
                   timezone, max_runtime, max_retries, retry_period, config - '{hypertable_id, mat_hypertable_id}'::text[], check_schema, check_name,
                   (SELECT coalesce(b.user_view_name, c.table_name) FROM _timescaledb_catalog.hypertable c
                      LEFT JOIN _timescaledb_catalog.continuous_agg b ON b.mat_hypertable_id = c.id
                     WHERE to_jsonb(c.id) IN (config->'hypertable_id', config->'mat_hypertable_id')
                       AND proc_name LIKE 'policy\\_%%'), scheduled)
              FROM _timescaledb_config.bgw_job j LEFT JOIN _timescaledb_catalog.hypertable h ON h.id = j.hypertable_id
              LEFT JOIN _timescaledb_catalog.continuous_agg a ON a.mat_hypertable_id = h.id
             WHERE j.id >= 1000 ORDER BY 1""";

    private static final String RETENTION_OF_OLD = "policy_retention on app.old";
    private static final String RETENTION_OF_COUNTED = "policy_retention on app.counted";

    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String OWNER = ServerObjects.name("hk \"job\" owner's ");
    private static List<String> jobs;
    private static Path backup;

    @TempDir
    Path folder;

    @BeforeAll
    static void fill() throws SQLException {
        server.requireCommunity("policies and jobs");
        roles.createLogin(server, OWNER);
        String owner = "\"" + OWNER.replace("\"", "\"\"") + "\"";
        server.execute(
                "CREATE SCHEMA app",
                "CREATE SCHEMA \"odd \"\"schema\"",
                "GRANT ALL ON SCHEMA app, \"odd \"\"schema\" TO " + owner,
                "SET ROLE " + owner,
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'))",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n FROM generate_series(0, 99) n",
                "CREATE INDEX \"metrics 'v'\" ON app.metrics (v, at)",
                "CREATE TABLE app.old (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.old', by_range('at', interval '1 day'))",
                "INSERT INTO app.old SELECT '2020-01-01'::timestamptz + n * interval '1 hour', n FROM generate_series(0, 99) n",
                "CREATE TABLE app.counted (n int NOT NULL)",
                "SELECT create_hypertable('app.counted', by_range('n', 10))",
                "CREATE FUNCTION app.counted_now() RETURNS int LANGUAGE sql STABLE AS 'SELECT max(n) FROM app.counted'",
                "SELECT set_integer_now_func('app.counted', 'app.counted_now')",
                "INSERT INTO app.counted SELECT generate_series(1, 100)",
                "CREATE TABLE app.fired (by int, at timestamptz DEFAULT clock_timestamp())",
                "CREATE PROCEDURE app.beat(job_id int, config jsonb) LANGUAGE sql AS 'INSERT INTO app.fired VALUES (job_id)'",
                "CREATE PROCEDURE \"odd \"\"schema\".\"tidy, 'up'\"(job_id int, config jsonb) LANGUAGE sql AS 'SELECT 1'",
                "CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS day,"
                        + " sum(v) FROM app.metrics GROUP BY 1 WITH NO DATA",
                "SELECT add_continuous_aggregate_policy('app.daily', NULL, interval '1 hour', interval '45 min',"
                        + " initial_start => now() + interval '1 year')",
                "SELECT add_retention_policy('app.daily', interval '90 years', initial_start => now() + interval '1 year')",
                // of the same name, so that the name alone does not say which
                "CREATE PROCEDURE \"odd \"\"schema\".\"tidy, 'up'\"(job_id text) LANGUAGE sql AS 'SELECT 1'",
                "CREATE FUNCTION app.check_it(config jsonb) RETURNS void LANGUAGE plpgsql AS"
                        + " 'BEGIN IF config IS NULL THEN RAISE EXCEPTION ''no configuration''; END IF; END'",
                "SELECT add_retention_policy('app.metrics', interval '100 years', schedule_interval => interval '7 days',"
                        + " initial_start => '2026-01-04 03:30:00+00', timezone => 'Europe/Amsterdam')",
                "SELECT add_retention_policy('app.old', interval '1 mon 3 days', initial_start => now() + interval '1 year')",
                "SELECT alter_job(add_retention_policy('app.counted', 10, initial_start => now() + interval '1 year'),"
                        + " max_runtime => '5 min', max_retries => 7, retry_period => '1 min 30 s')",
                "SELECT add_reorder_policy('app.metrics', 'metrics ''v''')",
                "ALTER TABLE app.metrics SET (timescaledb.compress, timescaledb.compress_segmentby = 'v')",
                "SELECT alter_job(add_compression_policy('app.metrics', compress_created_before => interval '60 years'),"
                        + " config_merge => '{\"maxchunks_to_compress\": 3}')",
                "SELECT add_job('\"odd \"\"schema\".\"tidy, ''up''\"(integer, jsonb)'::regprocedure::regproc, '1 mon',"
                        + " config => '{\"text\": \"a ''b'' \\\\\\\\ \\\"c\\\" :d ä\", \"n\": 1.50, \"list\": [null, {}]}',"
                        + " initial_start => '2026-01-31 12:00:00+00', timezone => 'America/New_York', check_config => 'app.check_it')",
                "SELECT add_job('\"odd \"\"schema\".\"tidy, ''up''\"(integer, jsonb)'::regprocedure::regproc, '12:34:56',"
                        + " scheduled => false, fixed_schedule => false)",
                "SELECT add_job('app.beat', '1 hour', initial_start => '2020-01-01 00:07:00+00')",
                "SELECT alter_job(add_job('app.beat', '1 day', config => '{\"paused\": true}'), next_start => 'infinity')");
        jobs = ServerSays.all(server, server.uri(), JOBS);
        assertThat(jobs).hasSize(11).filteredOn(job -> job.endsWith(" | f")).hasSize(1);
        backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("jobs"))
                .exitsWith(0)
                .backup();
    }

    @Test
    void they_come_back_but_for_retention_that_would_drop_what_was_restored() throws SQLException {
        String target = server.newDatabase("jobs");

        Ended restored = hyperkeep.restore(server, backup, target).exitsWith(3);

        String old = number(target, "app.old");
        String counted = number(target, "app.counted");
        assertThat(restored.warnings())
                .containsExactly(
                        "job-off: job " + number(server.uri(), "app.old") + " (" + RETENTION_OF_OLD
                                + ") is restored as job " + old
                                + " but stays off: it would at once drop 5 of the restored chunks of app.old; switch it on with"
                                + " SELECT alter_job(" + old + ", scheduled => true), or restore with --jobs-on",
                        "job-off: job " + number(server.uri(), "app.counted") + " (" + RETENTION_OF_COUNTED
                                + ") is restored as job "
                                + counted
                                + " but stays off: it would at once drop 9 of the restored chunks of app.counted;"
                                + " switch it on with SELECT alter_job(" + counted
                                + ", scheduled => true), or restore with --jobs-on");
        assertThat(ServerSays.all(server, target, JOBS))
                .containsExactlyElementsOf(jobs.stream()
                        .map(job -> job.contains(" on app.old ") || job.contains(" on app.counted ")
                                ? job.replaceAll("t$", "f")
                                : job)
                        .toList());
        assertThat(restored.json().get("jobs")).hasToString("{\"restored\":11,\"on\":8}");
        // what is due since the backup was taken does not start at once
        assertThat(ServerSays.all(
                        server,
                        target,
                        "SELECT proc_name || ' ' || coalesce(next_start::text, 'never') FROM timescaledb_information.jobs"
                                + " WHERE job_id >= 1000 AND scheduled AND next_start <= now()"))
                .isEmpty();
        assertThat(ServerSays.one(
                        server,
                        target,
                        "SELECT to_char(next_start AT TIME ZONE 'UTC', 'MI:SS') FROM timescaledb_information.jobs"
                                + " WHERE proc_name = 'beat' AND config IS NULL"))
                .isEqualTo("07:00");
        assertThat(ServerSays.one(
                        server,
                        target,
                        "SELECT to_char(next_start AT TIME ZONE 'America/New_York', 'DD HH24:MI') FROM timescaledb_information.jobs"
                                + " WHERE proc_name LIKE 'tidy%' AND scheduled"))
                .isIn("28 07:00", "29 07:00", "30 07:00", "31 07:00");
        assertThat(
                        ServerSays.one(
                                server,
                                target,
                                "SELECT next_start FROM timescaledb_information.jobs WHERE proc_name = 'beat' AND config IS NOT NULL"))
                .isEqualTo("infinity");
        assertThat(ServerSays.one(server, target, "SELECT to_regnamespace('hyperkeep') IS NULL"))
                .isEqualTo("t");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--jobs-on", "--jobs-off"})
    void whether_they_are_on_is_as_asked(String option) throws SQLException {
        String target = server.newDatabase("jobs");

        Ended restored = hyperkeep.restore(server, backup, target, option).exitsWith(0);

        boolean on = option.equals("--jobs-on");
        assertThat(ServerSays.all(server, target, JOBS))
                .containsExactlyElementsOf(
                        on
                                ? jobs
                                : jobs.stream()
                                        .map(job -> job.replaceAll("t$", "f"))
                                        .toList());
        assertThat(restored.json().get("jobs"))
                .hasToString(on ? "{\"restored\":11,\"on\":10}" : "{\"restored\":11,\"on\":0}");
    }

    @Test
    void whatever_is_changed_afterwards_is_found_by_name() throws SQLException {
        String target = server.newDatabase("jobs");
        hyperkeep.restore(server, backup, target, "--jobs-off").exitsWith(0);
        assertThat(compare(target, "--jobs-off")).isEmpty();
        assertThat(compare(target))
                .hasSize(10)
                .allMatch(difference -> difference.endsWith(": its state is off, not on"));
        String old = number(target, "app.old");
        String counted = number(target, "app.counted");

        ServerSays.done(
                server,
                target,
                "SELECT remove_retention_policy('app.metrics')",
                "SELECT alter_job(" + old
                        + ", schedule_interval => '2 days', initial_start => '2031-01-01 00:00:00+00',"
                        + " timezone => 'Asia/Tokyo')",
                "SELECT alter_job(" + counted + ", config => jsonb_set(config, '{drop_after}', '11'), max_retries => 3,"
                        + " scheduled => true) FROM timescaledb_information.jobs WHERE job_id = " + counted,
                "SELECT delete_job(job_id) FROM timescaledb_information.jobs WHERE config->>'paused' = 'true'",
                "SELECT add_reorder_policy('app.old', (SELECT indexname FROM pg_indexes WHERE tablename = 'old' LIMIT 1))");

        assertThat(compare(target, "--jobs-off"))
                .extracting(
                        difference -> difference.replaceFirst("^job \\d+ ", "").replaceFirst("not 20.*", "not T"))
                .containsExactly(
                        "(policy_retention on app.old): its schedule interval is 2 days, not 1 day",
                        "(policy_retention on app.old): its initial start is 2031-01-01 00:00:00+00, not T",
                        "(policy_retention on app.old): has time zone Asia/Tokyo, the backup has none",
                        "(policy_retention on app.counted): its retry limit is 3, not 7",
                        "(policy_retention on app.counted): its configuration is {\"drop_after\": 11}, not {\"drop_after\": 10}",
                        "(policy_retention on app.counted): its state is on, not off",
                        "(policy_retention on app.metrics): is missing",
                        "(app.beat): is missing",
                        "(policy_reorder on app.old): is not in the backup");
    }

    private static List<String> compare(String target, String... options) {
        List<String> arguments = new ArrayList<>(List.of("--output", "json", "--quiet", "compare"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(backup.toString(), target));
        List<String> differences = new ArrayList<>();
        hyperkeep
                .run(arguments.toArray(String[]::new))
                .json()
                .get("differences")
                .forEach(difference -> differences.add(difference.get("on").stringValue() + ": "
                        + difference.get("what").stringValue()));
        return differences;
    }

    @Test
    void they_come_back_by_hand() throws Exception {
        RestoreByHandTest.assumeZstd(server);
        String target = server.newDatabase("jobs");

        RestoreByHandTest.runCommandsOf(server, backup, target);

        assertThat(ServerSays.all(server, target, JOBS)).containsExactlyElementsOf(jobs);
    }

    @Test
    void what_is_not_selected_takes_its_jobs_along() throws SQLException {
        String target = server.newDatabase("jobs");

        Ended restored = hyperkeep
                .restore(server, backup, target, "--include", "app.metrics")
                .exitsWith(3);

        assertThat(ServerSays.all(server, target, JOBS))
                .hasSize(3)
                .allMatch(job -> job.contains(" on app.metrics ") && jobs.contains(job));
        assertThat(restored.warnings())
                .filteredOn(warning -> warning.startsWith("not-selected: job "))
                .extracting(warning -> warning.replaceAll("job \\d+", "job N"))
                .containsExactly(
                        "not-selected: job N (policy_refresh_continuous_aggregate on app.daily) is not restored: app.daily is not selected",
                        "not-selected: job N (policy_retention on app.daily) is not restored: app.daily is not selected",
                        "not-selected: job N (" + RETENTION_OF_OLD + ") is not restored: app.old is not selected",
                        "not-selected: job N (" + RETENTION_OF_COUNTED
                                + ") is not restored: app.counted is not selected",
                        "not-selected: job N (odd \"schema.tidy, 'up') is not restored: its procedure is not selected",
                        "not-selected: job N (odd \"schema.tidy, 'up') is not restored: its procedure is not selected",
                        "not-selected: job N (app.beat) is not restored: its procedure is not selected",
                        "not-selected: job N (app.beat) is not restored: its procedure is not selected");
    }

    @Test
    void a_backup_of_some_tables_has_their_policies() {
        Ended some = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("some"), "--include", "app.metrics")
                .exitsWith(0);

        assertThat(hyperkeep
                        .run("--output", "json", "show", some.backup().toString())
                        .exitsWith(0)
                        .json()
                        .get("jobs"))
                .extracting(job -> job.get("procedure").get("name").stringValue())
                .containsExactly("policy_retention", "policy_reorder", "policy_compression");
    }

    @Test
    void a_retention_policy_that_is_at_work_on_what_rows_come_into_is_named() throws SQLException {
        String target = server.newDatabase("jobs");
        hyperkeep
                .restore(server, backup, target, "--schema-only", "--include", "app.old")
                .exitsWith(3);
        String job = number(target, "app.old");

        Ended restored = hyperkeep
                .restore(server, backup, target, "--data-only", "--include", "app.old")
                .exitsWith(3);

        assertThat(restored.warnings())
                .contains("job-on: job " + job
                        + " (policy_retention on app.old) was in the target before and is on: it drops"
                        + " 5 chunks of app.old at its next run; SELECT alter_job(" + job
                        + ", scheduled => false) switches it off");
    }

    @Test
    void a_kill_at_any_instant_leaves_no_second_copy_and_none_that_is_off() throws Exception {
        Operator operator = new Operator(folder, server);
        String target = server.newDatabase("jobs");
        Gate.build(server, target);
        String[] restore = {
            "restore",
            backup.toString(),
            "--to",
            target,
            "--client-tools",
            server.clientTools().toString()
        };
        for (String session : List.of("create-jobs", "compare", "end")) {
            try (Gate gate = Gate.close(server, target, session);
                    RunningCommand killed = operator.fork(List.of("-Xmx256m"), restore)) {
                gate.awaitSomebody();
                killed.stop("KILL");
            }
            assertThat(ServerSays.all(server, target, JOBS)).noneMatch(job -> job.endsWith("t"));
        }

        Operator.Ended restarted = operator.run("runs", "restart", "3");

        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(3);
        assertThat(restarted.err()).contains(RETENTION_OF_OLD, RETENTION_OF_COUNTED);
        assertThat(restarted.out()).contains("  policies and jobs: 11, 8 on\n");
        assertThat(ServerSays.all(server, target, JOBS)).hasSize(11);
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM app.old"))
                .isEqualTo("100");
    }

    @Test
    void an_owner_that_may_not_log_in_or_is_missing_is_named() throws SQLException {
        String role = ServerObjects.name("hk_no_login_");
        roles.createLogin(server, role);
        String source = server.createDatabase("owner", true);
        ServerSays.done(
                server,
                source,
                "CREATE PROCEDURE public.work(job_id int, config jsonb) LANGUAGE sql AS 'SELECT 1'",
                "SET ROLE " + role,
                "SELECT add_job('public.work', '1 year', config => '{\"hypertable_id\": 7}', initial_start => now() + interval '1 year')",
                "RESET ROLE",
                "ALTER ROLE " + role + " NOLOGIN");
        String job = "job " + ServerSays.one(server, source, "SELECT max(id) FROM _timescaledb_config.bgw_job");
        Path owned = hyperkeep
                .backup(server, source, hyperkeep.folder().resolve("owner"))
                .exitsWith(0)
                .backup();
        String target = server.newDatabase("owner");

        Ended restored = hyperkeep.restore(server, owned, target).exitsWith(3);

        assertThat(restored.warnings())
                .containsExactly("job-not-restored: " + job + " (public.work) is not restored: its owner " + role
                        + " may not log in, and jobs run as their owner; ALTER ROLE \"" + role
                        + "\" LOGIN, before the restore");
        assertThat(hyperkeep
                        .restore(server, owned, server.newDatabase("owner"), "--strict")
                        .exitsWith(1)
                        .err())
                .contains("the target can not carry everything of backup")
                .contains(job + " (public.work) is not restored: its owner");
        ServerSays.done(server, source, "ALTER ROLE " + role + " LOGIN");
        restored = hyperkeep.restore(server, owned, server.newDatabase("owner")).exitsWith(3);
        assertThat(restored.warnings())
                .containsExactly(
                        "job-configuration: the configuration of " + job + " (public.work) holds the number of a"
                                + " hypertable of the source, and was restored as it is: {\"hypertable_id\": 7}");
        ServerSays.done(
                server,
                source,
                "SELECT delete_job(id) FROM _timescaledb_config.bgw_job WHERE id >= 1000",
                "ALTER ROLE " + role + " RENAME TO " + role + "_gone");
        Ended refused =
                hyperkeep.restore(server, owned, server.newDatabase("owner")).exitsWith(1);
        assertThat(refused.err())
                .contains("the target's server does not have the role " + role + ", which owns objects of the backup")
                .contains("create them: CREATE ROLE \\\"" + role + "\\\" LOGIN;");
        ServerSays.done(server, source, "ALTER ROLE " + role + "_gone RENAME TO " + role);
    }

    /** The number of the retention policy of a hypertable. */
    private static String number(String uri, String hypertable) {
        return ServerSays.one(
                server,
                uri,
                "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention'"
                        + " AND hypertable_schema || '.' || hypertable_name = '" + hypertable + "'");
    }
}

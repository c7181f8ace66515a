package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** All that a plan can schedule, by one daemon: each is a run of its own, and nothing is left of the drill. */
@Timeout(240)
class ScheduledJobsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    /** How each ends when there is nothing wrong. */
    private static final Map<String, String> GOOD =
            Map.of("backup", "SEALED", "verify", "VERIFIED", "drill", "PASSED", "prune", "PRUNED");

    @TempDir
    Path folder;

    @Test
    void backups_verifications_drills_and_prunes_of_a_plan_are_fired() throws Exception {
        String database = server.createDatabase("four_jobs", true);
        ServerSays.done(
                server,
                database,
                "CREATE TABLE public.m (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.m', 't')",
                "INSERT INTO public.m SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g FROM generate_series(1, 200) g");
        Operator operator = new Operator(folder, server);
        // far enough from each other that one has ended when the next one comes, which it would be in the way of
        Served served = new Served(operator, """
                databases:
                  d: {uri: '%1$s', client-tools: %2$s}
                defaults: {repository: ./repository, prune-after-backup: false, retention: {keep-last: 1}}
                plans:
                  p:
                    database: d
                    schedule: '0/20 * * * * ?'
                    verify-schedule: '5/20 * * * * ?'
                    drill-schedule: '10/20 * * * * ?'
                    prune-schedule: '15/20 * * * * ?'
                    drill-server: d
                """.formatted(database, server.clientTools()));
        try (RunningCommand daemon = served.start()) {
            GOOD.forEach((job, state) -> served.awaitLine(
                    "a scheduled " + job + " ends as " + state,
                    line -> line.job().equals(job) && line.state().equals(state) && line.scheduled() != null));
            Served.stop(daemon);
        }
        assertThat(served.lines())
                .filteredOn(line -> line.run() != null)
                .allMatch(line -> line.plan().equals("p") && line.scheduled() != null, "was fired");
        assertThat(ServerSays.one(
                        server,
                        database,
                        "SELECT count(*) FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE 'restore drill of '"
                                + " || current_database() || ' by %'"))
                .isEqualTo("0");
        served.requireNothingStarted();
    }
}

package io.hyperkeep.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.ServerSays;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WaitForJobsTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @Test
    void a_role_that_sees_no_other_sessions_sees_which_jobs_run_and_which_are_due() throws Exception {
        server.requireCommunity("jobs");
        String role = ServerObjects.name("hk_reader_");
        roles.createRole(server, role);
        server.execute(
                "GRANT pg_read_all_data TO " + role,
                "CREATE PROCEDURE public.work(job_id int, config jsonb) LANGUAGE sql AS 'SELECT pg_advisory_lock_shared(4711)'");
        try (Connection gate = server.connect();
                Connection reader = server.connect()) {
            ServerSays.run(gate, "SELECT pg_advisory_lock(4711)");
            ServerSays.run(reader, "SET ROLE " + role);
            server.execute(
                    "SELECT add_job('public.work', '1 year', job_name => 'now')",
                    "SELECT add_job('public.work', '1 year', job_name => 'soon', initial_start => now() + interval '4 min')",
                    "SELECT add_job('public.work', '1 year', job_name => 'later', initial_start => now() + interval '1 hour')",
                    "SELECT add_job('public.work', '1 year', job_name => 'off', scheduled => false)");

            Awaitility.await("the job runs")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> names(WaitForJobs.running(reader)), List.of("now")::equals);

            assertThat(names(WaitForJobs.due(reader, Duration.ofMinutes(5)))).containsExactly("soon");
            ServerSays.run(gate, "SELECT pg_advisory_unlock(4711)");
            Awaitility.await("the job has ended")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> names(WaitForJobs.running(reader)), List.of()::equals);
        }
    }

    private static List<String> names(List<String> jobs) {
        return jobs.stream()
                .map(job -> job.replaceFirst("job \\d+ \\((\\w+) \\[.*", "$1"))
                .toList();
    }
}

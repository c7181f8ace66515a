package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that fires several plans: every firing is accounted for, whatever happens to the daemon. */
@Timeout(240)
class ScheduledRunsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void every_firing_is_accounted_for_over_a_kill_a_reload_and_a_stop() throws Exception {
        Served served = new Served(new Operator(folder, server), plans(3, "0/2 * * * * ?"));
        RunningCommand first = served.start();
        try (first) {
            served.awaitLine("a backup runs", line -> line.state().equals("RUNNING"));
            first.kill();
        }
        try (RunningCommand second = served.start()) {
            served.awaitLine(
                    "a backup after the kill is sealed",
                    line -> line.state().equals("SEALED") && line.plan().equals("p2"));

            String address = Served.address(second);
            served.configure("plans: {p0: {database: nowhere}}");
            assertThat(reload(address).statusCode()).isEqualTo(422);
            assertThat(reload(address).body())
                    .contains("\"code\":\"configuration\"", "there is no database 'nowhere' in the configuration");
            served.configure(plans(2, "0/2 * * * * ?"));
            assertThat(reload(address).body()).isEqualTo("{\"schedules\":2}");
            Instant reloaded = Instant.now();
            served.awaitLine(
                    "the plans that are left go on",
                    line -> line.plan().equals("p1")
                            && line.scheduled() != null
                            && line.scheduled().isAfter(reloaded.plusSeconds(2)));
            Served.stop(second);
            List<Served.Line> lines = served.lines();
            assertThat(lines).noneMatch(line -> line.state().equals("RUNNING"));
            Served.requireAccounted(lines, Duration.ofSeconds(2));
            assertThat(lines)
                    .filteredOn(line -> line.scheduled() != null)
                    .as("what fired is the backup, not the prune that comes after it")
                    .allMatch(line -> line.job().equals("backup"));
            assertThat(lines)
                    .as("p2 is not fired any more")
                    .noneMatch(line -> line.plan().equals("p2")
                            && line.scheduled() != null
                            && line.scheduled().isAfter(reloaded.plusSeconds(2)));
        }
        served.requireNothingStarted();
    }

    /** Each minute for ten minutes, with and without kills: by hand, and in the long run of the suite. */
    @Test
    @Tag("long")
    @Timeout(1200)
    void three_plans_each_minute_for_ten_minutes() throws Exception {
        tenMinutes(0);
    }

    @Test
    @Tag("long")
    @Timeout(1200)
    void three_plans_each_minute_for_ten_minutes_and_kills_at_random_moments() throws Exception {
        tenMinutes(6);
    }

    private void tenMinutes(int kills) throws Exception {
        Served served = new Served(new Operator(folder, server), plans(3, "0 * * * * ?"));
        Instant end = Instant.now().plus(Duration.ofMinutes(10));
        RunningCommand daemon = served.start();
        try {
            for (int kill = 0; kill < kills; kill++) {
                // most of the time shortly after a full minute, where there is work to be killed in
                long later = ThreadLocalRandom.current().nextLong(kill % 2 == 0 ? 2_500 : 60_000);
                Instant minute = Instant.now().plusSeconds(60).truncatedTo(java.time.temporal.ChronoUnit.MINUTES);
                pauseUntil(minute.plusMillis(later));
                daemon.kill();
                daemon = served.start();
            }
            pauseUntil(end);
            org.awaitility.Awaitility.await().atMost(Served.PATIENCE).until(() -> served.lines().stream()
                    .noneMatch(Served.Line::isOpen));
            Served.stop(daemon);
        } finally {
            daemon.close();
        }
        List<Served.Line> lines = served.lines();
        System.out.println(kills + " kills\n" + Served.requireAccounted(lines, Duration.ofMinutes(1)) + "restarts: "
                + lines.stream()
                        .filter(line -> line.job().equals("backup") && line.run() != null && line.scheduled() == null)
                        .count());
        for (String plan : List.of("p0", "p1", "p2")) {
            assertThat(lines.stream()
                            .filter(line -> line.plan().equals(plan) && line.scheduled() != null)
                            .count())
                    .isBetween(9L, 12L);
            Operator.Ended backups = served.operator.run("backups", plan, "--output", "json");
            assertThat(backups.json().get("backups").size())
                    .as("kept of " + plan)
                    .isEqualTo(3);
        }
        served.requireNothingStarted();
    }

    /** Time itself is what this waits for. */
    private static void pauseUntil(Instant when) throws InterruptedException {
        Thread.sleep(Math.max(0, Duration.between(Instant.now(), when).toMillis()));
    }

    private static HttpResponse<String> reload(String address) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address + "/reload"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private String plans(int count, String schedule) throws SQLException {
        StringBuilder yaml = new StringBuilder("serve: {parallel-runs: 2, stop-grace: 1s}\ndatabases:\n");
        for (int i = 0; i < count; i++) {
            yaml.append("  d%d: {uri: '%s', client-tools: %s}\n".formatted(i, database(i), server.clientTools()));
        }
        yaml.append("defaults: {repository: ./repository, retention: {keep-last: 3}}\nplans:\n");
        for (int i = 0; i < count; i++) {
            yaml.append("  p%d: {database: d%d, schedule: '%s'}\n".formatted(i, i, schedule));
        }
        return yaml.toString();
    }

    private final String[] databases = new String[3];

    private String database(int number) throws SQLException {
        if (databases[number] == null) {
            databases[number] = server.createDatabase("served_" + number, true);
            ServerSays.done(
                    server,
                    databases[number],
                    "CREATE TABLE public.m (t timestamptz NOT NULL, v int)",
                    "SELECT create_hypertable('public.m', 't')",
                    "INSERT INTO public.m SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                            + " FROM generate_series(1, 500) g");
        }
        return databases[number];
    }
}

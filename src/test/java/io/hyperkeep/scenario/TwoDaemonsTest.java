package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two daemons with one PostgreSQL record: each firing runs once, and one goes on with what the other died over. */
@Timeout(240)
class TwoDaemonsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void each_firing_runs_once() throws Exception {
        System.out.println(firings(4, 3));
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void fifty_firings_run_fifty_times() throws Exception {
        System.out.println(firings(50, 5));
    }

    private String firings(int most, int seconds) throws Exception {
        // far enough apart that none meets the one before
        String source = small();
        Served served = shared("""
                databases: {d: {uri: '%s', client-tools: %s}}
                plans: {plan: {database: d, repository: ./repository, schedule: '0/%d * * * * ?'}}
                """.formatted(source, server.clientTools(), seconds));
        try (RunningCommand one = served.start();
                RunningCommand two = served.start()) {
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(60 + 2L * seconds * most))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> done(served) >= most);
            Served.stop(one);
            Served.stop(two);
            List<Served.Line> lines = served.lines();
            assertThat(lines).noneMatch(line -> line.state().equals("RUNNING"));
            assertThat(lines.stream().filter(line -> line.run() != null && line.scheduled() == null))
                    .as("no run without a firing")
                    .isEmpty();
            long runs = lines.stream().filter(line -> line.run() != null).count();
            List<Served.Line> without =
                    lines.stream().filter(line -> line.run() == null).toList();
            // on a busy machine, a backup may last until the next firing
            assertThat(without).allSatisfy(line -> assertThat(line.failure()).startsWith("met "));
            assertThat(runs + without.size())
                    .isEqualTo(lines.stream()
                            .filter(line -> line.scheduled() != null)
                            .count());
            long byOne = fired(one);
            long byTwo = fired(two);
            assertThat(byOne + byTwo).isEqualTo(runs);
            return Served.requireAccounted(lines, Duration.ofSeconds(seconds)) + runs + " runs, " + byOne
                    + " by one and " + byTwo + " by the other daemon";
        }
    }

    private static long done(Served served) {
        return served.lines().stream()
                .filter(line -> line.state().equals("SEALED"))
                .count();
    }

    private static long fired(RunningCommand daemon) {
        return daemon.err()
                .lines()
                .filter(line -> line.matches(".* is run [0-9]+"))
                .count();
    }

    @Test
    void the_other_restarts_what_one_died_over_and_seals_it() throws Exception {
        String source = big();
        Served served = shared("""
                databases: {d: {uri: '%s', client-tools: %s}}
                plans: {plan: {database: d, repository: ./repository, schedule: '0/3 * * * * ?'}}
                """.formatted(source, server.clientTools()));
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand one = served.start();
                RunningCommand two = served.start()) {
            hurdle.awaitSomebody();
            boolean first = one.err().contains(" is run 1\n");
            assertThat(first || two.err().contains(" is run 1\n")).isTrue();
            (first ? one : two).kill();
            RunningCommand other = first ? two : one;
            org.awaitility.Awaitility.await().atMost(Served.PATIENCE).untilAsserted(() -> assertThat(other.err())
                    .contains("run 1 was interrupted and is restarted"));
            hurdle.letGo();
            served.awaitLine("its restart is sealed", line -> line.state().equals("SEALED"));
            Served.stop(other);
        }
        List<Served.Line> lines = served.lines();
        Served.requireAccounted(lines, Duration.ofSeconds(3));
        assertThat(lines.stream().filter(line -> Long.valueOf(1).equals(line.run())))
                .extracting(Served.Line::state)
                .containsExactly("FAILED");
        assertThat(lines).noneMatch(line -> line.state().equals("RUNNING"));
    }

    /** An operator whose record is in a PostgreSQL database. */
    private Served shared(String configuration) throws SQLException {
        String uri = server.newDatabase("record");
        Operator operator = new Operator(folder, server);
        operator.environment.put("HYPERKEEP_METADATA_URL", "jdbc:" + uri.replaceFirst("//[^@/]*@", "//"));
        operator.environment.put("HYPERKEEP_METADATA_USER", "postgres");
        return new Served(operator, configuration);
    }

    private static String small() throws SQLException {
        String uri = server.createDatabase("two", true);
        ServerSays.done(
                server, uri, "CREATE TABLE public.m (v int)", "INSERT INTO public.m SELECT generate_series(1, 1000)");
        return uri;
    }

    private static String big() throws SQLException {
        String uri = server.createDatabase("takeover", true);
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.big (id int PRIMARY KEY, big text)",
                "ALTER TABLE public.big ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.big SELECT g, repeat('b', 5000) FROM generate_series(1, 100) g");
        Gate.build(server, uri);
        return uri;
    }
}

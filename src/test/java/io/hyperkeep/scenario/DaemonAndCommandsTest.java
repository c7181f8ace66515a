package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The daemon and the command line at the same time on one H2 file: neither ends what the other does. */
@Timeout(300)
class DaemonAndCommandsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    Path folder;

    @Test
    void a_backup_of_the_command_line_outlives_the_daemon_and_one_of_the_daemon_meets_it() throws Exception {
        String source = big("outlives");
        Served served = new Served(new Operator(folder, server), plan(source, "0/2 * * * * ?"));
        RunningCommand daemon = served.start();
        try (daemon;
                Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = served.operator.fork(HEAP, "backup", "plan")) {
            hurdle.awaitSomebody();
            served.awaitLine(
                    "the daemon meets what runs",
                    line -> line.state().equals("SKIPPED")
                            && String.valueOf(line.failure()).startsWith("met "));
            daemon.kill();
            hurdle.letGo();
            Operator.Ended ended = backup.end();
            // which of the two stood at the hurdle is chance: the other one met it; and whether the one that goes on
            // was
            // in the middle of a change of the record that the daemon served (decision 0004)
            assertThat(ended.exitCode()).as(ended.err()).isIn(0, 1, 11);
            if (ended.exitCode() == 1) {
                assertThat(ended.err()).contains("the record of runs was lost in the middle of a change: ");
            }
            try (RunningCommand next = served.start()) {
                served.awaitLine("the record goes on", line -> line.state().equals("SEALED"));
                Served.stop(next);
            }
            assertThat(served.lines()).noneMatch(line -> line.state().equals("RUNNING"));
        }
        served.requireNothingStarted();
    }

    @Test
    void mixed_commands_beside_a_daemon_that_backs_up() throws Exception {
        System.out.println(mixed(6));
    }

    @Test
    @Tag("long")
    @Timeout(1800)
    void a_hundred_mixed_commands_beside_a_daemon_that_backs_up() throws Exception {
        System.out.println(mixed(100));
    }

    /** @return what the commands came to */
    private String mixed(int commands) throws Exception {
        String source = small("served");
        String other = small("by_hand");
        Served served = new Served(new Operator(folder, server), plan(source, "0/2 * * * * ?"));
        Map<String, Long> ends;
        try (RunningCommand daemon = served.start()) {
            served.awaitLine("the daemon backs up", line -> line.state().equals("SEALED"));
            ExecutorService operators = Executors.newFixedThreadPool(2);
            List<Future<String>> all = new ArrayList<>();
            for (int i = 0; i < commands; i++) {
                int number = i;
                all.add(operators.submit(() -> command(served, other, number)));
            }
            List<String> said = new ArrayList<>();
            for (Future<String> one : all) {
                said.add(one.get(10, TimeUnit.MINUTES));
            }
            operators.shutdown();
            ends = said.stream().collect(Collectors.groupingBy(each -> each, TreeMap::new, Collectors.counting()));
            Served.stop(daemon);
            assertThat(daemon.err())
                    .as("what the daemon says of it")
                    .doesNotContain("ERROR")
                    .doesNotContain("cannot look after schedules");
        }
        List<Served.Line> lines = served.lines();
        assertThat(lines)
                .noneMatch(
                        line -> line.state().equals("RUNNING") || line.state().equals("DEAD"));
        served.requireNothingStarted();
        return commands + " commands: " + ends + "\n" + Served.requireAccounted(lines, Duration.ofSeconds(2));
    }

    private static String command(Served served, String other, int number) {
        String[] arguments =
                switch (number % 5) {
                    case 0 -> new String[] {"runs", "list", "--output", "json"};
                    case 1 -> new String[] {"runs", "show", "1"};
                    case 2 -> served.operator.backup(other);
                    case 3 -> new String[] {"schedules"};
                    default -> new String[] {"runs", "stop", String.valueOf(newest(served))};
                };
        // every third in a process of its own, which may be the one that serves the file to the others
        Operator.Ended ended =
                number % 3 == 0 ? served.operator.fork(HEAP, arguments).end() : served.operator.run(arguments);
        boolean stop = String.join(" ", arguments).startsWith("runs stop");
        // a run that has ended by itself meanwhile can not be stopped any more; a backup may meet another one of these,
        // and
        // be the one that is stopped
        assertThat(ended.exitCode())
                .as(String.join(" ", arguments) + " said: " + ended.err())
                .isIn(stop ? List.of(0, 2) : arguments[0].equals("backup") ? List.of(0, 11, 130) : List.of(0));
        return arguments[0] + (arguments[0].equals("runs") ? " " + arguments[1] : "") + " = " + ended.exitCode();
    }

    private static long newest(Served served) {
        return served.lines().stream()
                .filter(line -> line.run() != null)
                .mapToLong(line -> java.util.Objects.requireNonNull(line.run()))
                .max()
                .orElseThrow();
    }

    private static String plan(String uri, String schedule) {
        return """
                serve: {stop-grace: 1s}
                databases: {d: {uri: '%s', client-tools: %s}}
                plans: {plan: {database: d, repository: ./repository, schedule: '%s', retention: {keep-last: 2}}}
                """.formatted(uri, server.clientTools(), schedule);
    }

    private static String small(String name) throws SQLException {
        String uri = server.createDatabase(name, true);
        ServerSays.done(
                server, uri, "CREATE TABLE public.m (v int)", "INSERT INTO public.m SELECT generate_series(1, 1000)");
        return uri;
    }

    private static String big(String name) throws SQLException {
        String uri = server.createDatabase(name, true);
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

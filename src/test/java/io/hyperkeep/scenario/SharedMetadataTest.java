package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share the metadata's file: the first one serves it to the others, and may end before them. */
@Timeout(240)
class SharedMetadataTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    Path folder;

    @Test
    void a_backup_outlives_the_process_that_opened_the_metadata_first() throws Exception {
        Operator operator = new Operator(folder, server);
        String first = database("served_first");
        String second = database("served_second");
        try (Hurdle before = Hurdle.ofBackup(server, first, "export");
                RunningCommand host = operator.fork(HEAP, operator.backup(first))) {
            before.awaitSomebody();
            try (Hurdle then = Hurdle.ofBackup(server, second, "export");
                    RunningCommand guest = operator.fork(HEAP, operator.backup(second))) {
                then.awaitSomebody();
                host.stop("KILL");
                then.letGo();

                requireDone(guest);
            }
        }
        assertThat(states(operator)).containsExactly("SEALED", "DEAD");
        Operator.Ended restarted = operator.run("runs", "restart", "1");
        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
    }

    @Test
    void short_commands_come_and_go_beside_a_backup() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database("beside");
        // small units, so that there is something to record all the time
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.many (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.many', 't', chunk_time_interval => interval '1 hour')",
                "INSERT INTO public.many SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(1, 200) g");
        try (RunningCommand list = operator.fork(HEAP, "runs", "list")) {
            // it may be the host when the backup begins
            try (RunningCommand backup = operator.fork(HEAP, operator.backup(source, "--unit-size", "8KiB"))) {
                requireDone(list);
                while (backup.isAlive()) {
                    try (RunningCommand other = operator.fork(HEAP, "runs", "list")) {
                        requireDone(other);
                    }
                }
                requireDone(backup);
            }
        }
        assertThat(states(operator)).containsExactly("SEALED");
    }

    private static void requireDone(RunningCommand command) {
        Operator.Ended ended = command.end();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
    }

    private static List<String> states(Operator operator) {
        return operator.run("runs", "--output", "json")
                .json()
                .get("runs")
                .valueStream()
                .map(run -> run.get("state").asString())
                .toList();
    }

    private static String database(String name) throws SQLException {
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

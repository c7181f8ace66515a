package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.PrivateServer;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.ServerSays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Servers that crash and restart under a backup or a restore: the attempt fails, the next one of the same command goes on
 * by itself, and what comes out is of one instant.
 */
@Timeout(3600)
class CrashedServerTest {
    @RegisterExtension
    static final TimescaleServer shared = TimescaleServer.v17();

    @TempDir
    static Path folder;

    private static PrivateServer server;
    private static String source;
    private static Operator backups;

    @BeforeAll
    static void start() throws SQLException {
        server = PrivateServer.start(shared);
        source = server.createDatabase("source");
        Transfers.fill(server, source, 1000);
        backups = new Operator(folder, server);
        Operator.Ended ended = backups.run(backups.backup(source, Transfers.EACH_ALONE));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** What happens to the server. */
    private enum Fault {
        /** kill -9 of the process of one of the program's sessions, upon which the server ends all and recovers. */
        BACKEND_KILLED {
            @Override
            void strike(String uri) {
                List<String> sessions = ServerSays.all(server, uri, """
                        SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                           AND application_name ~ '^hyperkeep/[0-9]+/' ORDER BY random()""");
                if (!sessions.isEmpty()) {
                    server.kill(Long.parseLong(sessions.get(0)));
                }
            }
        },
        STOPPED_IMMEDIATELY {
            @Override
            void strike(String uri) {
                server.stop("immediate");
                server.start();
            }
        },
        RESTARTED {
            @Override
            void strike(String uri) {
                server.stop("fast");
                server.start();
            }
        };

        abstract void strike(String uri);
    }

    @Test
    void a_server_process_is_killed() throws Exception {
        struck(Fault.BACKEND_KILLED, 2);
    }

    @Test
    @Tag("long")
    void a_server_process_is_killed_thirty_times() throws Exception {
        struck(Fault.BACKEND_KILLED, 30);
    }

    @Test
    void the_server_is_stopped_immediately() throws Exception {
        struck(Fault.STOPPED_IMMEDIATELY, 2);
    }

    @Test
    @Tag("long")
    void the_server_is_stopped_immediately_thirty_times() throws Exception {
        struck(Fault.STOPPED_IMMEDIATELY, 30);
    }

    @Test
    @Tag("long")
    void the_server_is_restarted_thirty_times() throws Exception {
        struck(Fault.RESTARTED, 30);
    }

    /** Backups and restores take turns. */
    private void struck(Fault fault, int times) throws Exception {
        Tally tally = new Tally("server, " + fault, times);
        while (tally.wantsMore()) {
            if (tally.count() % 2 == 0) {
                backup(tally, fault);
            } else {
                restore(tally, fault);
            }
        }
        tally.print();
    }

    private void backup(Tally tally, Fault fault) throws Exception {
        Operator operator = new Operator(Files.createTempDirectory(folder, "round"), server);
        int files = 1 + tally.random().nextInt(Transfers.UNITS - 1);
        try (Transfers transfers = new Transfers(server, source, tally.random().nextLong())) {
            boolean hit = strike(
                    tally,
                    fault,
                    source,
                    operator,
                    operator.begin(operator.backup(source, Transfers.EACH_ALONE)),
                    () -> Draft.of(operator).dataFiles() >= files);
            String target = server.createDatabase(name());
            if (hit) {
                tally.in("backup");
                Leftovers.requireNone(operator, tally.round());
                assertThat(Leftovers.requireWholeBackups(operator, tally.round()))
                        .isEqualTo(1);
                Operator.Ended ended = operator.run(operator.restore("latest", target));
                assertThat(ended.exitCode())
                        .as(tally.round() + ": " + ended.err())
                        .isEqualTo(0);
                if (Leftovers.runs(operator).size() > 2) {
                    tally.restarted();
                }
                transfers.requireSnapshot(target, tally.round());
                tally.equal();
            }
            drop(target);
        }
    }

    private void restore(Tally tally, Fault fault) throws Exception {
        String target = server.createDatabase(name());
        int items = 1 + tally.random().nextInt(Transfers.UNITS + 6);
        boolean hit;
        try (Connection watching = server.connect(target);
                Statement statement = watching.createStatement()) {
            hit = strike(
                    tally,
                    fault,
                    target,
                    backups,
                    backups.begin(backups.restore("latest", target, "--jobs", "2")),
                    () -> Target.done(statement) >= items);
        }
        if (hit) {
            tally.in("restore");
            assertThat(Target.isRestored(server, target)).as(tally.round()).isTrue();
            if (Leftovers.runs(backups).get(1).endsWith(" FAILED")) {
                tally.restarted();
            }
            try (Transfers transfers = new Transfers(server, source, 1)) {
                transfers.requireSnapshot(target, tally.round());
            }
            tally.equal();
        }
        drop(target);
    }

    /** Strikes when something is seen, and requires that the command succeeds by itself, if it had come to its units. */
    private static boolean strike(
            Tally tally,
            Fault fault,
            String uri,
            Operator operator,
            CompletableFuture<Operator.Ended> command,
            BooleanSupplier seen)
            throws Exception {
        boolean hit = tally.strike(() -> !command.isDone(), seen, () -> fault.strike(uri));
        Operator.Ended ended = command.get(300, TimeUnit.SECONDS);
        JsonNode run = operator.run("runs", "list", "--output", "json")
                .json()
                .get("runs")
                .get(0);
        if (ended.exitCode() == 1 && run.get("units").asInt() == 0) {
            Awaitility.await("the server recovers")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> answers(uri));
            ended = operator.run("runs", "restart", run.get("run").asString());
        }
        assertThat(ended.exitCode()).as(tally.round() + ": " + ended.err()).isEqualTo(0);
        return hit;
    }

    private static boolean answers(String uri) {
        try (Connection connection = server.connect(uri)) {
            return connection.isValid(10);
        } catch (SQLException e) {
            return false;
        }
    }

    private static String name() throws IOException {
        return "t" + Long.toUnsignedString(System.nanoTime(), 36);
    }

    private static void drop(String target) throws SQLException {
        ServerSays.done(server, source, "DROP DATABASE " + target.replaceAll(".*/", "") + " WITH (FORCE)");
    }
}

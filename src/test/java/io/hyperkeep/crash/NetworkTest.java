package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.NetworkProxy;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A network that is slow, stands still or is cut between the program and the server. */
@Timeout(3600)
class NetworkTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    /** Ten seconds until it stops asking the server, and what a slow machine takes to end. */
    private static final Duration SOON = Duration.ofSeconds(25);

    @TempDir
    static Path folder;

    private NetworkProxy network;
    private Operator operator;

    @BeforeAll
    static void fill() throws SQLException {
        Transfers.fill(server, server.uri(), 1000);
    }

    @BeforeEach
    void begin() throws IOException {
        network = new NetworkProxy(Integer.parseInt(server.uri().replaceAll(".*:(\\d+)/.*", "$1")));
        operator = new Operator(Files.createTempDirectory(folder, "round"), server);
    }

    @AfterEach
    void end() throws IOException {
        network.close();
    }

    @Test
    @Tag("long")
    void a_slow_network_only_takes_longer() throws Exception {
        network.delay(Duration.ofMillis(3));
        try (Transfers transfers = new Transfers(server, server.uri(), 1)) {
            succeeds(operator.run(operator.backup(through(server.uri()), Transfers.EACH_ALONE)), "slow");
            restoreAndCompare(transfers, "slow");
        }
    }

    @Test
    @Tag("long")
    void a_network_that_stands_still_for_a_while_only_takes_longer() throws Exception {
        CompletableFuture<Operator.Ended> backup =
                operator.begin(operator.backup(through(server.uri()), Transfers.EACH_ALONE));
        exported(10, () -> !backup.isDone());
        network.standStill();
        // longer than anything in the program that is meant to be short
        Awaitility.await()
                .during(Duration.ofSeconds(12))
                .atMost(Duration.ofSeconds(20))
                .until(() -> !backup.isDone());
        network.goOn();
        succeeds(backup.get(120, TimeUnit.SECONDS), "after a while");
        Leftovers.requireNone(operator, "after a while");
    }

    @Test
    @Tag("long")
    void a_backup_can_be_stopped_although_the_network_stands_still() throws Exception {
        try (Transfers transfers = new Transfers(server, server.uri(), 2);
                RunningCommand backup = operator.fork(
                        List.of("-Xmx256m"), operator.backup(through(server.uri()), Transfers.EACH_ALONE))) {
            exported(10, backup::isAlive);
            network.standStill();
            RunningCommand.Stopped stopped = backup.stop("TERM");
            network.goOn();
            assertThat(stopped.ended().exitCode()).as(stopped.ended().err()).isEqualTo(130);
            assertThat(stopped.after()).as(stopped.ended().err()).isLessThan(SOON);
            Leftovers.requireNoSessions(server, server.uri());
            succeeds(operator.run("runs", "restart", "1"), "restart");
            Leftovers.requireNone(operator, "restart");
            restoreAndCompare(transfers, "restart");
        }
    }

    @Test
    void a_network_that_is_down_fails_the_backup_and_it_is_restarted() throws Exception {
        try (Transfers transfers = new Transfers(server, server.uri(), 3)) {
            CompletableFuture<Operator.Ended> backup = operator.begin(
                    operator.backup(through(server.uri()), Operator.with(Transfers.EACH_ALONE, "--max-attempts", "1")));
            exported(10, () -> !backup.isDone());
            network.refuse(true);
            Operator.Ended failed = backup.get(300, TimeUnit.SECONDS);
            assertThat(failed.exitCode()).as(failed.err()).isEqualTo(1);
            assertThat(Leftovers.requireWholeBackups(operator, "down")).isZero();
            network.refuse(false);
            succeeds(operator.run("runs", "restart", "1"), "up again");
            Leftovers.requireNone(operator, "up again");
            restoreAndCompare(transfers, "up again");
        }
    }

    @Test
    void every_connection_is_cut() throws Exception {
        cut(2);
    }

    @Test
    @Tag("long")
    void every_connection_is_cut_thirty_times() throws Exception {
        cut(30);
    }

    /** Backups and restores take turns; each is cut once, at a random byte. */
    private void cut(int times) throws Exception {
        Tally tally = new Tally("network", times);
        succeeds(operator.run(operator.backup(through(server.uri()), Transfers.EACH_ALONE)), "whole");
        long ofBackup = network.bytes();
        long ofRestore = 0;
        while (tally.wantsMore()) {
            boolean backup = tally.count() % 2 == 0;
            String target = server.newDatabase("network");
            if (!backup && ofRestore == 0) {
                long before = network.bytes();
                String first = server.newDatabase("network");
                succeeds(operator.run(operator.restore("latest", through(first))), "whole");
                ofRestore = network.bytes() - before;
            }
            network.cutAfter((long) (tally.random().nextDouble() * (backup ? ofBackup : ofRestore)));
            try (Transfers transfers =
                    new Transfers(server, server.uri(), tally.random().nextLong())) {
                Operator.Ended ended = operator.run(
                        backup
                                ? operator.backup(through(server.uri()), Operator.with(Transfers.EACH_ALONE, "--full"))
                                : operator.restore("latest", through(target), "--jobs", "2"));
                boolean hit = tally.counted(!network.isCutting());
                network.cutAfter(Long.MAX_VALUE / 2);
                if (ended.exitCode() != 0) {
                    // it was cut before there was anything to go on with by itself
                    assertThat(ended.exitCode()).as(tally.round() + ended.err()).isEqualTo(1);
                    succeeds(operator.run("runs", "restart", newest()), tally.round());
                    tally.restarted();
                }
                if (hit) {
                    tally.in((backup ? "backup" : "restore") + (ended.exitCode() == 0 ? "" : ", by hand"));
                    if (backup) {
                        Leftovers.requireNone(operator, tally.round());
                        succeeds(operator.run(operator.restore("latest", target)), tally.round());
                    }
                    assertThat(Target.isRestored(server, target)).isTrue();
                    transfers.requireSnapshot(target, tally.round());
                    tally.equal();
                }
            }
            Leftovers.requireNoSessions(server, server.uri());
            server.execute("DROP DATABASE " + target.replaceAll(".*/", "") + " WITH (FORCE)");
        }
        tally.print();
    }

    private String newest() {
        return Leftovers.runs(operator).get(0).replaceAll(" .*", "");
    }

    private void exported(int units, BooleanSupplier runs) {
        Awaitility.await("the export of some units")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> !runs.getAsBoolean() || Draft.of(operator).dataFiles() >= units);
        assertThat(runs.getAsBoolean()).as("still running").isTrue();
    }

    private void restoreAndCompare(Transfers transfers, String as) throws SQLException {
        String target = server.newDatabase("network");
        succeeds(operator.run(operator.restore("latest", through(target))), as);
        transfers.requireSnapshot(target, as);
    }

    private static void succeeds(Operator.Ended ended, String as) {
        assertThat(ended.exitCode()).as(as + ": " + ended.err()).isEqualTo(0);
    }

    private String through(String uri) {
        return uri.replaceAll("@[^/]*/", "@127.0.0.1:" + network.port() + "/");
    }
}

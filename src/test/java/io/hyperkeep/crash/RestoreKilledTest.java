package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.RunningCommand;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a restore: it never looks restored, and restarted it ends equal to the source. */
@Timeout(3600)
class RestoreKilledTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    static Path folder;

    private static Operator operator;
    private static Transfers source;

    @BeforeAll
    static void backUp() throws SQLException {
        Transfers.fill(server, server.uri(), 1000);
        operator = new Operator(folder, server);
        source = new Transfers(server, server.uri(), 1);
        Operator.Ended ended = operator.run(operator.backup(server.uri(), Transfers.EACH_ALONE));
        source.close();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
    }

    @Test
    void killed_at_random_moments() throws Exception {
        killed(2);
    }

    @Test
    @Tag("long")
    void killed_at_thirty_random_moments() throws Exception {
        killed(30);
    }

    @Test
    @Tag("long")
    void killed_ten_times_in_a_row_on_one_target() throws Exception {
        Tally tally = new Tally("restore on one target", 10);
        String target = server.newDatabase("killed_restores");
        int items = 0;
        while (tally.wantsMore()) {
            // so that there is something left to kill
            items += 1 + tally.random().nextInt((Transfers.UNITS - 2) / 10);
            boolean first = !Target.isBegun(server, target);
            String[] command = first
                    ? operator.restore("latest", target, "--jobs", "2")
                    : new String[] {"runs", "restart", newest()};
            if (!first) {
                tally.restarted();
            }
            assertThat(kill(tally, items, target, command)).as(tally.round()).isTrue();
        }
        if (Target.isBegun(server, target)) {
            goOn(tally, target);
        } else {
            Operator.Ended ended = operator.run(operator.restore("latest", target));
            assertThat(ended.exitCode()).as(tally.round() + ": " + ended.err()).isEqualTo(0);
        }
        requireRestored(tally, target);
        drop(target);
        tally.print();
    }

    private void killed(int times) throws Exception {
        Tally tally = new Tally("restore", times);
        while (tally.wantsMore()) {
            String target = server.newDatabase("killed_restore");
            // some moments are after the last unit, when indexes are built and rows compared
            int items = tally.random().nextInt(Transfers.UNITS + 12);
            if (kill(tally, items, target, operator.restore("latest", target, "--jobs", "2"))) {
                goOn(tally, target);
                requireRestored(tally, target);
            }
            drop(target);
        }
        tally.print();
    }

    /** Kills a restore when so many items are done; false when it was faster. */
    private boolean kill(Tally tally, int items, String target, String... command) throws SQLException {
        try (Connection watching = server.connect(target);
                Statement statement = watching.createStatement();
                RunningCommand restore = operator.fork(HEAP, command)) {
            BooleanSupplier seen = () -> Target.done(statement) >= items;
            boolean killed = tally.kill(restore, seen);
            if (killed) {
                Leftovers.requireNoSessions(server, target);
                tally.in(Target.phase(server, target));
            }
            return killed;
        }
    }

    private void goOn(Tally tally, String target) {
        String newest = newest();
        if (tally.random().nextBoolean()) {
            Operator.Ended recovered = operator.run("runs", "recover", newest);
            assertThat(recovered.exitCode()).as(tally.round() + recovered.err()).isEqualTo(0);
        }
        Operator.Ended ended = operator.run("runs", "restart", newest);
        assertThat(ended.exitCode()).as(tally.round() + ": " + ended.err()).isEqualTo(0);
        tally.restarted();
    }

    private void requireRestored(Tally tally, String target) {
        Leftovers.requireNoSessions(server, target);
        assertThat(Target.isRestored(server, target)).as(tally.round()).isTrue();
        source.requireSnapshot(target, tally.round());
        tally.equal();
    }

    private static String newest() {
        return Leftovers.runs(operator).get(0).replaceAll(" .*", "");
    }

    private static void drop(String target) throws SQLException {
        server.execute("DROP DATABASE " + target.replaceAll(".*/", "") + " WITH (FORCE)");
    }
}

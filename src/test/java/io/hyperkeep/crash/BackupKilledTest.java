package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.RunningCommand;
import io.hyperkeep.scenario.ServerSays;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** kill -9 of a backup, while others write to the database: it is restarted, and what it seals is of one instant. */
@Timeout(3600)
class BackupKilledTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");
    private static final int SEALING_FILES = 8;

    @TempDir
    Path folder;

    @BeforeAll
    static void fill() throws SQLException {
        Transfers.fill(server, server.uri(), 1000);
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
    void killed_while_it_seals() throws Exception {
        killedInSeal(2);
    }

    @Test
    @Tag("long")
    void killed_thirty_times_while_it_seals() throws Exception {
        killedInSeal(30);
    }

    @Test
    void after_some_of_thirty_units_a_restart_exports_only_the_unfinished_and_the_changed() throws Exception {
        String source = server.createDatabase("killed_export", true);
        Transfers.fill(server, source, 1000);
        String last = ServerSays.one(server, source, "SELECT pg_current_xact_id()");
        ServerSays.yes(
                server,
                source,
                "whoever wrote before has ended",
                "SELECT pg_snapshot_xmin(pg_current_snapshot()) > '" + last + "'::xid8");
        Operator operator = new Operator(folder, server);
        Tally tally = new Tally("backup of 30 units", 1);
        try (RunningCommand backup = operator.fork(HEAP, operator.backup(source, Transfers.EACH_ALONE))) {
            assertThat(tally.kill(backup, () -> Draft.of(operator).dataFiles() >= 12))
                    .isTrue();
        }
        int done = operator.run("runs", "show", "1", "--output", "json")
                .json()
                .get("unitsDone")
                .asInt();
        assertThat(done).isBetween(10, Transfers.UNITS - 1);
        ServerSays.done(
                server,
                source,
                "INSERT INTO public.moves VALUES ('2026-01-03 12:00', 0, 1, 0)",
                "DELETE FROM public.moves WHERE t = '2026-01-07 00:00:07'");

        Operator.Ended ended = operator.run("runs", "restart", "1", "--output", "json");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        JsonNode restarted = ended.json();
        System.out.println("crash: backup killed after " + done + " of " + Transfers.UNITS
                + " units, two changed since: reused " + restarted.get("reusedUnits") + ", exported "
                + restarted.get("reexported"));
        assertThat(restarted.get("units").asInt()).isEqualTo(Transfers.UNITS);
        assertThat(restarted.get("reusedUnits").asInt()).isBetween(done - 2, done);
        assertThat(restarted.get("consistent").asBoolean()).isTrue();
        Leftovers.requireNone(operator, tally.round());
        String target = server.newDatabase("killed_export");
        assertThat(operator.run(operator.restore("latest", target)).exitCode()).isEqualTo(0);
        for (String table : List.of("moves", "accounts", "counter")) {
            String rows =
                    "SELECT count(*) || md5(string_agg(r::text, ' ' ORDER BY r::text)) FROM public." + table + " r";
            assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
        }
    }

    private void killed(int times) throws Exception {
        Tally tally = new Tally("backup", times);
        rounds(tally, operator -> {
            int files = tally.random().nextInt(Transfers.UNITS + 4) - 4;
            return () -> files < 0
                    ? Draft.of(operator).isBegun()
                    : Draft.of(operator).dataFiles() >= files;
        });
    }

    private void killedInSeal(int times) throws Exception {
        Tally tally = new Tally("seal of a backup", times);
        rounds(tally, operator -> {
            int files = 1 + tally.random().nextInt(SEALING_FILES);
            // one whose turn is over before it is looked for counts all the same
            Set<String> seen = new TreeSet<>();
            return () -> {
                seen.addAll(Draft.of(operator).sealing());
                return seen.size() >= files;
            };
        });
    }

    private interface DrawMoment {
        BooleanSupplier of(Operator operator);
    }

    private void rounds(Tally tally, DrawMoment draw) throws Exception {
        String source = server.uri();
        try (Transfers transfers = new Transfers(server, source, tally.random().nextLong())) {
            for (int round = 1; tally.wantsMore(); round++) {
                Operator operator = new Operator(Files.createDirectory(folder.resolve("round" + round)), server);
                boolean killed;
                try (RunningCommand backup = operator.fork(HEAP, operator.backup(source, Transfers.EACH_ALONE))) {
                    killed = tally.kill(backup, draw.of(operator));
                }
                if (killed) {
                    tally.in(Draft.of(operator).phase());
                    int sealed = Draft.of(operator).isSealed() ? 1 : 0;
                    assertThat(Leftovers.requireWholeBackups(operator, tally.round()))
                            .isEqualTo(sealed);
                    goOn(tally, operator);
                    Leftovers.requireNoSessions(server, source);
                    Leftovers.requireNone(operator, tally.round());
                    assertThat(Leftovers.requireWholeBackups(operator, tally.round()))
                            .isEqualTo(sealed + 1);
                    compare(tally, operator, transfers);
                }
            }
        }
        tally.print();
    }

    /** As a person would: restarts the run, having recovered it or not, or begins anew when there is none. */
    private void goOn(Tally tally, Operator operator) {
        List<String> runs = Leftovers.runs(operator);
        Operator.Ended ended;
        if (runs.isEmpty()) {
            ended = operator.run(operator.backup(server.uri(), Transfers.EACH_ALONE));
        } else {
            if (tally.random().nextBoolean() && runs.equals(List.of("1 DEAD"))) {
                Operator.Ended recovered = operator.run("runs", "recover", "1");
                assertThat(recovered.exitCode())
                        .as(tally.round() + recovered.err())
                        .isEqualTo(0);
            }
            ended = operator.run("runs", "restart", "1");
            tally.restarted();
        }
        assertThat(ended.exitCode()).as(tally.round() + ": " + ended.err()).isEqualTo(0);
    }

    private void compare(Tally tally, Operator operator, Transfers transfers) throws SQLException {
        String target = server.newDatabase("killed_backup");
        Operator.Ended restored = operator.run(operator.restore("latest", target));
        assertThat(restored.exitCode())
                .as(tally.round() + ": " + restored.err())
                .isEqualTo(0);
        transfers.requireSnapshot(target, tally.round());
        tally.equal();
        server.execute("DROP DATABASE " + target.replaceAll(".*/", "") + " WITH (FORCE)");
    }
}

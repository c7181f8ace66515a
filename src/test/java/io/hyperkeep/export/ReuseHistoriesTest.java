package io.hyperkeep.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.CopyOut;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.fixtures.MakeBackup;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.Part;
import io.hyperkeep.plan.PlanUnits;
import io.hyperkeep.plan.Reuse;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.LocalStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rule of reuse against the truth: random histories of tables, and never one unit taken for unchanged that is not.
 *
 * <p>Replayed with {@code -Dhyperkeep.seed=…}; {@code -Dhyperkeep.histories=…} says how many.
 */
class ReuseHistoriesTest {
    private static final int SHORT = 400;
    private static final int LONG = 8_000;

    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    private final Map<String, Integer> verdicts = new TreeMap<>();
    private int unchanged;

    @Test
    @Timeout(180)
    void no_unit_is_ever_taken_for_unchanged_that_is_not() throws Exception {
        histories(Integer.getInteger("hyperkeep.histories", SHORT));
    }

    @Test
    @Tag("long")
    @Timeout(7200)
    void nor_in_thousands_of_histories() throws Exception {
        histories(Integer.getInteger("hyperkeep.histories", LONG));
    }

    private void histories(int wanted) throws Exception {
        long seed = Long.getLong("hyperkeep.seed", new Random().nextInt());
        Random random = new Random(seed);
        int histories = 0;
        Map<String, Integer> done = new TreeMap<>();
        while (histories < wanted) {
            // a new database once in a while: dropped columns and dead types pile up
            String uri = server.createDatabase("histories", true);
            Connections connections = MakeBackup.connections(uri, server.clientTools());
            try (RandomHistory history = new RandomHistory(server, uri, random)) {
                List<UnitResult> last = List.of();
                List<UnitResult> sealed = List.of();
                for (int night = 0; night < 40 && histories < wanted; night++) {
                    history.night();
                    // what an attempt had finished when it failed, and the backup before it
                    List<UnitResult> attempt =
                            last.stream().filter(unit -> random.nextInt(4) > 0).toList();
                    last = backup(
                            history,
                            connections,
                            random,
                            new EarlierUnits(attempt, sealed),
                            "seed " + seed + ", history " + histories);
                    if (random.nextInt(3) == 0) {
                        sealed = last;
                    }
                    histories += history.tables();
                }
                history.done().forEach((what, times) -> done.merge(what, times, Integer::sum));
            }
        }
        System.out.printf(
                "reuse: seed %d, %d histories, %d verdicts of unchanged, all of them right%n  verdicts: %s%n  operations: %s%n",
                seed, histories, unchanged, verdicts, done);
        assertThat(unchanged)
                .as("a rule that says changed of everything is no rule")
                .isGreaterThan(wanted / 10);
    }

    private List<UnitResult> backup(
            RandomHistory history, Connections connections, Random random, EarlierUnits earlier, String when)
            throws Exception {
        LockMode mode = random.nextInt(3) == 0 ? LockMode.LIGHT : LockMode.STRICT;
        List<TableName> tables;
        try (Connection connection = connections.open("test")) {
            tables = new DiscoverDatabase()
                    .tables(connection, ServerCapabilities.of(connection))
                    .tables();
        }
        try (SnapshotSessions sessions =
                new OpenSnapshot(connections, "1", notice -> {}).run(tables, mode, Duration.ofSeconds(20), 1)) {
            ServerCapabilities capabilities = sessions.withHolder(ServerCapabilities::of);
            Inventory inventory =
                    sessions.withHolder(holder -> new DiscoverDatabase().inventory(holder, capabilities, name -> true));
            List<Unit> units = new PlanUnits(8 << 10, 16 << 10).plan(inventory.tables());
            ExportUnit.Destination destination =
                    new ExportUnit.Destination(new LocalStore(folder), "database", new Compression("none", 0));
            ReuseUnits.Present present = sessions.withHolder(
                    holder -> ReuseUnits.Present.read(holder, capabilities, inventory, sessions.snapshot(), units));
            ExportUnit export = new ExportUnit(
                    sessions,
                    capabilities,
                    destination,
                    new ReuseUnits(present, earlier, Reuse.UNCHANGED, destination),
                    new RunProgress());
            Map<String, Truth> truths = new HashMap<>();
            for (Unit unit : units) {
                truths.put(unit.id(), sessions.withHolder(holder -> Truth.of(holder, unit)));
            }
            boolean renamed = history.meanwhile(mode == LockMode.STRICT);
            List<UnitResult> results = new ArrayList<>();
            for (Unit unit : units) {
                try {
                    UnitResult result = export.run(unit);
                    // what is read after a label was renamed, or, without locks, a type changed, has the text of that
                    // moment;
                    // what is reused has the snapshot's
                    if (result.reason() == null || mode == LockMode.STRICT && !renamed) {
                        check(unit, result, truths.get(unit.id()), when);
                    }
                    results.add(result);
                } catch (BackupException e) {
                    // without locks a slice may be refused, as may a column that is not there any more
                    assertThat(mode).as(e.text()).isEqualTo(LockMode.LIGHT);
                    assertThat(e.problem()).as(e.text()).isNotEqualTo(Problem.UNEXPECTED);
                    verdicts.merge("refused", 1, Integer::sum);
                }
            }
            return results;
        }
    }

    private void check(Unit unit, UnitResult result, Truth truth, String when) throws IOException {
        UnitEntry entry = result.entry();
        ExportReason reason = result.reason();
        verdicts.merge(reason == null ? "unchanged" : reason.word(), 1, Integer::sum);
        if (!result.consistent()) {
            // of a later moment than the truth
            return;
        }
        if (entry == null) {
            assertThat(truth.rows()).as("%s: %s is empty", when, unit.label()).isZero();
            return;
        }
        String what = when + ": " + unit.label() + " was taken for "
                + (reason == null ? "unchanged" : "changed (" + reason.word() + ")");
        assertThat(entry.rows()).as(what).isEqualTo(truth.rows());
        assertThat(entry.digest()).as(what).isEqualTo(truth.digest());
        try (BufferedReader file =
                Files.newBufferedReader(folder.resolve("database").resolve(entry.file()))) {
            assertThat(file.readLine()).as(what).isEqualTo(truth.header());
        }
        if (reason == null) {
            unchanged++;
        }
    }

    /** What the snapshot shows of a unit, read by a COPY of the test's own right after it was taken. */
    private record Truth(long rows, RowDigest digest, String header) {
        static Truth of(Connection holder, Unit unit) throws SQLException {
            RowDigester digester = new RowDigester();
            String columns = unit.columns().stream()
                    .map(column -> Identifiers.quote(column.name()))
                    .collect(Collectors.joining(", "));
            for (Part part : unit.parts()) {
                String blocks = part.isSlice()
                        ? " WHERE ctid >= '(" + part.firstBlock() + ",0)'"
                                + (part.endBlock() == null ? "" : " AND ctid < '(" + part.endBlock() + ",0)'")
                        : "";
                try {
                    CopyOut.run(
                            holder,
                            "COPY (SELECT " + columns + " FROM " + Identifiers.quote(part.relation()) + blocks
                                    + ") TO STDOUT (FORMAT csv)",
                            false,
                            row -> digester.add(row, 0, row.length));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
            String header = unit.columns().stream().map(column -> column.name()).collect(Collectors.joining(","));
            return new Truth(digester.rows(), digester.digest(), header);
        }
    }
}

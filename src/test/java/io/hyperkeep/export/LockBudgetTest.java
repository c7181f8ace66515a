package io.hyperkeep.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.fixtures.MakeBackup;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.PlanUnits;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.LocalStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** More locks than the server has room for: fewer sessions take them, and at last none does. */
class LockBudgetTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void the_more_relations_the_fewer_sessions_may_lock_them() {
        LockBudget few = new LockBudget(100, 64, 100, 1, 1);
        assertThat(few.fits(66)).isTrue();
        assertThat(few.fits(77)).isFalse();
        LockBudget many = new LockBudget(3000, 64, 100, 1, 1);
        assertThat(many.fits(2)).isTrue();
        assertThat(many.fits(4)).isFalse();
        many.requireFits("metrics");
    }

    @Test
    void more_than_even_one_session_may_lock_is_refused_with_what_to_do() {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> new LockBudget(5000, 64, 100, 1, 1).requireFits("metrics"))
                .extracting(BackupException::text)
                .isEqualTo(
                        "the backup of database \"metrics\" would lock 5000 tables and chunks at the same time, and the"
                                + " server's lock table has room for 6400" + System.lineSeparator()
                                + "HINT: raise max_locks_per_transaction from 64 to at least 84 and restart the server, or use --lock"
                                + " light");
    }

    @Test
    void when_only_the_holder_has_locks_it_reads_what_others_wait_to_change() throws Exception {
        server.execute(
                "CREATE TABLE public.wanted AS SELECT g AS id FROM generate_series(1, 500) g",
                "CREATE TABLE public.quiet AS SELECT g AS id FROM generate_series(1, 300) g");
        Connections connections = MakeBackup.connections(server.uri(), server.clientTools());
        Connection other = server.connect();
        CompletableFuture<Void> truncating;
        try (SnapshotSessions sessions = lockedByTheHolderAlone(connections)) {
            ServerCapabilities capabilities = sessions.withHolder(ServerCapabilities::of);
            Inventory inventory =
                    sessions.withHolder(holder -> new DiscoverDatabase().inventory(holder, capabilities, name -> true));
            truncating = CompletableFuture.runAsync(() -> truncate(other));
            Awaitility.await("somebody waits")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> sessions.withHolder(holder -> Query.one(
                            holder,
                            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'public.wanted'::regclass AND NOT granted)",
                            row -> row.getBoolean(1))));
            List<Unit> units = new PlanUnits(1 << 20, 1 << 20).plan(inventory.tables());
            ExportUnit export = MakeBackup.exporter(
                    sessions,
                    capabilities,
                    inventory,
                    units,
                    new ExportUnit.Destination(new LocalStore(folder), "database", Compression.DEFAULT));

            for (Unit unit : units) {
                UnitResult result = export.run(unit);
                assertThat(result.consistent()).isTrue();
                assertThat(result.entry().rows()).isEqualTo(unit.table().name().equals("wanted") ? 500 : 300);
            }
            assertThat(truncating).isNotDone();
        }
        truncating.get(20, TimeUnit.SECONDS);
        other.close();
    }

    private static void truncate(Connection connection) {
        try {
            Query.execute(connection, "TRUNCATE public.wanted");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SnapshotSessions lockedByTheHolderAlone(Connections connections) throws SQLException {
        Connection holder = connections.open("hyperkeep/1/holder");
        Query.execute(
                holder,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                "LOCK TABLE public.wanted, public.quiet IN ROW SHARE MODE");
        SnapshotInfo snapshot = Query.one(
                holder,
                "SELECT pg_export_snapshot(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
                row -> new SnapshotInfo(row.getString(1), row.getLong(2), row.getLong(2), "0/0", Instant.EPOCH));
        Connection worker = connections.open("hyperkeep/1/worker-1");
        OpenSnapshot.beginIn(worker, snapshot);
        return new SnapshotSessions(
                holder,
                List.of(worker),
                snapshot,
                new SnapshotSessions.Locks(LockMode.STRICT, false, "ROW SHARE"),
                number -> {
                    throw new AssertionError("worker " + number + " loses its session");
                });
    }
}

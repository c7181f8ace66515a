package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.PrivateServer;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.SnapshotInfo;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that was set back to an earlier state and went on from there is another history of the same server: the same
 * transaction ids are other transactions.
 */
@Timeout(300)
class OtherTimelineTest {
    @RegisterExtension
    static final TimescaleServer shared = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void nothing_of_the_other_history_is_reused() throws SQLException {
        try (PrivateServer server = PrivateServer.start(shared)) {
            String source = server.createDatabase("source");
            Operator operator = new Operator(folder, server);
            ServerSays.done(
                    server,
                    source,
                    "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                    "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                    "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', 0"
                            + " FROM generate_series(0, 95) g");
            server.keepFiles();
            // what is lost with this history
            ServerSays.done(server, source, "UPDATE public.metrics SET v = 1 WHERE t < '2026-01-02'");
            assertThat(backup(operator, source).exitCode()).isEqualTo(0);
            SnapshotInfo lost = operator.manifest().snapshot();

            server.goBack();
            // by transactions that are as old as those, as far as their ids tell
            ServerSays.done(server, source, "UPDATE public.metrics SET v = 2 WHERE t > '2026-01-04'");
            untilLaterThan(server, source, lost);
            Operator.Ended other = backup(operator, source);

            assertThat(other.exitCode()).as(other.err()).isEqualTo(0);
            assertThat(operator.manifest().source().timeline()).isEqualTo(2);
            assertThat(operator.manifest().totals().reusedUnits()).isZero();
            assertThat(operator.manifest().totals().reexported()).containsOnlyKeys("other-timeline");
            assertThat(compare(operator, source).exitCode()).isEqualTo(0);

            // within the new one it goes on as ever
            assertThat(backup(operator, source).exitCode()).isEqualTo(0);
            assertThat(operator.manifest().totals().reusedUnits())
                    .isEqualTo(operator.manifest().totals().units());
            assertThat(compare(operator, source).exitCode()).isEqualTo(0);
        }
    }

    private static Operator.Ended backup(Operator operator, String source) {
        return operator.run(operator.backup(source, "--unit-size", "1KiB"));
    }

    private static Operator.Ended compare(Operator operator, String source) {
        return operator.run("compare", "latest", source, "--repository", operator.repository.toString());
    }

    /** Uses transaction ids and WAL up, so that neither tells the two histories apart. */
    private static void untilLaterThan(PrivateServer server, String source, SnapshotInfo lost) throws SQLException {
        try (Connection connection = server.connect(source);
                Statement statement = connection.createStatement()) {
            String later = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > " + lost.xmax()
                    + " AND pg_current_wal_insert_lsn() > '" + lost.lsn() + "'";
            while (!ServerSays.one(connection, later).equals("t")) {
                statement.execute("SELECT pg_current_xact_id()");
                statement.execute("SELECT pg_switch_wal()");
            }
        }
    }
}

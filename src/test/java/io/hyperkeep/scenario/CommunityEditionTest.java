package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the Community edition has comes back, and no row is lost over it. */
class CommunityEditionTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static String tablespace;
    private static DatabaseContents source;

    @BeforeAll
    static void fill() throws SQLException {
        server.requireCommunity("columnstore and continuous aggregates");
        tablespace = ServerObjects.name("hk_space_");
        objects.createTablespace(server, tablespace);
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, device int NOT NULL, value float8, note text)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'))",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + n * interval '10 minutes', n % 7, n * 1.5,"
                        + " CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE E'a,\"b\"\\n\\\\.\\n' END FROM generate_series(0, 1499) n",
                "ALTER TABLE app.metrics SET (timescaledb.compress, timescaledb.compress_segmentby = 'device',"
                        + " timescaledb.compress_orderby = 'at DESC')",
                "SELECT compress_chunk(c) FROM show_chunks('app.metrics', older_than => '2026-01-07'::timestamptz) c",
                // late rows: that chunk is compressed in part only
                "INSERT INTO app.metrics SELECT '2026-01-02 00:00:01'::timestamptz + n * interval '1 minute', n, n, 'late' FROM generate_series(1, 20) n",
                // a column that the compressed rows do not have
                "ALTER TABLE app.metrics ADD fast int DEFAULT 7",
                "UPDATE app.metrics SET value = -1 WHERE at = '2026-01-03'",
                "DELETE FROM app.metrics WHERE at = '2026-01-04'",
                "CREATE TABLE app.spread (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('app.spread', by_range('at', interval '1 week'))",
                "SELECT attach_tablespace('" + tablespace + "', 'app.spread')",
                "INSERT INTO app.spread SELECT '2026-01-01'::timestamptz + n * interval '1 day', n FROM generate_series(0, 30) n",
                "CREATE MATERIALIZED VIEW app.daily WITH (timescaledb.continuous) AS SELECT time_bucket('1 day', at) AS day,"
                        + " device, sum(value) FROM app.metrics GROUP BY 1, 2 WITH NO DATA",
                "CREATE VIEW app.of_daily AS SELECT * FROM app.daily");
        source = EveryObject.contents(server, server.uri());
    }

    @Test
    void everything_comes_back() throws SQLException {
        Ended backup = backup("quiet").exitsWith(0);

        assertThat(backup.warnings()).isEmpty();
        assertThat(backup.json().get("consistent").booleanValue()).isTrue();
        String target = server.newDatabase("quiet");
        hyperkeep.restore(server, backup.backup(), target).exitsWith(0);
        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "light"})
    void no_row_is_lost_to_compression_that_goes_on_during_the_backup(String lock) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> compressing = CompletableFuture.supplyAsync(() -> compressAndDecompress(over));
        List<Ended> backups = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                backups.add(backup("busy", "--lock", lock, "--lock-timeout", "20s", "--unit-size", "64KiB"));
            }
        } finally {
            over.set(true);
        }

        assertThat(rounds(compressing)).isPositive();
        int sealed = 0;
        for (Ended backup : backups) {
            // 3: without locks, some rows may be of a later moment
            if (backup.exitCode() == 0 || backup.exitCode() == 3) {
                String target = server.newDatabase("busy");
                hyperkeep.restore(server, backup.backup(), target).exitsWith(0);
                assertThat(DatabaseContents.differences(
                                source,
                                EveryObject.contents(server, target),
                                line -> line.startsWith("rows of ") || line.startsWith("chunk of ")))
                        .isEmpty();
                sealed++;
            } else {
                assertThat(backup.exitCode()).as(backup.err()).isEqualTo(1);
                assertThat(backup.err()).containsAnyOf("app.metrics", "_hyper_");
            }
        }
        assertThat(sealed).as("%s", backups).isPositive();
    }

    private static int rounds(CompletableFuture<Integer> compressing) throws InterruptedException, ExecutionException {
        return compressing.get();
    }

    /** Changes where rows are, never what they are, until told to end; returns how often. */
    private static int compressAndDecompress(AtomicBoolean over) {
        int rounds = 0;
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                statement.execute(
                        "SELECT decompress_chunk(c, true) FROM show_chunks('app.metrics', newer_than => '2026-01-05'::timestamptz) c");
                statement.execute(
                        "SELECT compress_chunk(c, true) FROM show_chunks('app.metrics', newer_than => '2026-01-05'::timestamptz) c");
                rounds++;
            }
            return rounds;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Ended backup(String repository, String... options) {
        return hyperkeep.backup(server, server.uri(), hyperkeep.folder().resolve(repository), options);
    }
}

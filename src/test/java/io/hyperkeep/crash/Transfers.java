package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.Server;
import io.hyperkeep.scenario.ServerSays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A database in which money moves: each transfer, in one transaction, adds one to a counter, changes two accounts and
 * writes a row into each of two chunks. So every snapshot of it has a sum of zero and is told completely by its counter,
 * and one that was put together of two instants shows.
 */
final class Transfers implements AutoCloseable {
    static final int CHUNKS = 28;
    /** A unit for each chunk and each of the two tables. */
    static final int UNITS = CHUNKS + 2;
    /** Less than a chunk has, so that each is a unit of its own. */
    static final String[] EACH_ALONE = {"--unit-size", "8KiB", "--jobs", "2"};

    /** Leaves time for others, and chunks without a change. */
    private static final long PAUSE_NANOS = 50_000_000;

    private static final int ACCOUNTS = 10;
    private static final String FIRST_DAY = "timestamptz '2026-01-01'";
    private static final String TRANSFER = """
            WITH n AS (UPDATE public.counter SET n = n + 1 RETURNING n),
                 a AS (UPDATE public.accounts SET balance = balance + CASE id WHEN ?1 THEN ?3 ELSE -?3 END WHERE id IN (?1, ?2))
            INSERT INTO public.moves
            SELECT %1$s + ?4 * interval '1 day', n, ?1, ?3 FROM n UNION ALL
            SELECT %1$s + ?5 * interval '1 day', n, ?2, -?3 FROM n""".formatted(FIRST_DAY);

    private final Server server;
    private final String uri;
    private final Thread writer;
    private volatile boolean ending;
    private volatile @Nullable Exception failure;

    /** Fills the database; the rows of transfer 0 are there from the beginning, and move nothing. */
    static void fill(Server server, String uri, int rowsPerChunk) throws SQLException {
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.moves (t timestamptz NOT NULL, transfer bigint NOT NULL, account int NOT NULL,"
                        + " amount bigint NOT NULL)",
                "SELECT create_hypertable('public.moves', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.moves SELECT %s + d * interval '1 day' + g * interval '1 second', 0, g %% %d, 0"
                                .formatted(FIRST_DAY, ACCOUNTS)
                        + " FROM generate_series(0, %d) d, generate_series(1, %d) g"
                                .formatted(CHUNKS - 1, rowsPerChunk),
                "CREATE INDEX moves_transfer ON public.moves (transfer)",
                "CREATE TABLE public.accounts (id int PRIMARY KEY, balance bigint NOT NULL)",
                "INSERT INTO public.accounts SELECT g, 0 FROM generate_series(0, " + (ACCOUNTS - 1) + ") g",
                "CREATE TABLE public.counter (n bigint NOT NULL)",
                "INSERT INTO public.counter VALUES (0)");
    }

    /** Begins to move money, a dozen times a second, until it is closed. */
    Transfers(Server server, String uri, long seed) {
        this.server = server;
        this.uri = uri;
        this.writer = new Thread(() -> move(new Random(seed)), "transfers");
        writer.setDaemon(true);
        writer.start();
    }

    private void move(Random random) {
        while (!ending) {
            try (Connection connection = server.connect(uri)) {
                while (!ending) {
                    transfer(connection, random);
                    failure = null;
                    pause();
                }
            } catch (SQLException e) {
                // the server may be crashed on purpose; it is to be there again at the end
                failure = e;
                pause();
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    private static void transfer(Connection connection, Random random) throws SQLException {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        int[] values = {from, to, 1 + random.nextInt(1000), random.nextInt(CHUNKS), random.nextInt(CHUNKS)};
        String sql = TRANSFER;
        for (int i = 0; i < values.length; i++) {
            sql = sql.replace("?" + (i + 1), Integer.toString(values[i]));
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    /** Requires that another database is this one as of one instant. */
    void requireSnapshot(String restored, String as) {
        long n = Long.parseLong(ServerSays.one(server, restored, "SELECT n FROM public.counter"));
        String moves =
                "SELECT count(*) || ' ' || sum(amount) || ' ' || sum(hashtextextended(m::text, 0)) FROM public.moves m";
        assertThat(ServerSays.one(server, restored, moves))
                .as(as + ": the moves up to transfer " + n)
                .isEqualTo(ServerSays.one(server, uri, moves + " WHERE transfer <= " + n));
        assertThat(ServerSays.all(server, restored, "SELECT id || ' ' || balance FROM public.accounts ORDER BY id"))
                .as(as + ": the balances after transfer " + n)
                .isEqualTo(ServerSays.all(server, restored, """
                        SELECT a.id || ' ' || coalesce(sum(amount), 0) FROM public.accounts a
                          LEFT JOIN public.moves m ON m.account = a.id GROUP BY a.id ORDER BY a.id"""));
        assertThat(ServerSays.one(server, restored, "SELECT count(*) FROM public.accounts"))
                .isEqualTo(Integer.toString(ACCOUNTS));
    }

    /** Ends; fails when the writer did, because then nothing was tested. */
    @Override
    public void close() {
        ending = true;
        try {
            writer.join(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(failure).isNull();
    }
}

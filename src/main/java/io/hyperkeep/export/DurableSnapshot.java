package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Whether everything that a snapshot shows, and every transaction id before it, would survive a crash of the server.
 *
 * <p>With {@code synchronous_commit = off} a snapshot shows commits whose WAL is not on disk yet; and whatever the
 * setting, ids of transactions whose WAL was lost are given out again after a crash. Rows of those later transactions
 * would look old. Every transaction that ended has a WAL record before the snapshot's position, so once the server
 * flushed up to there, none of this can happen (PostgreSQL 17, xact.c and xlogrecovery.c).
 *
 * <p>Thread-safe.
 */
final class DurableSnapshot {
    // the WAL writer flushes what was committed asynchronously within three times wal_writer_delay, 200 ms
    private static final int TRIES = 20;
    private static final String TRY = "SELECT pg_sleep(0.05)";

    private static final String FLUSHED = """
            WITH snapshot AS (SELECT ?::pg_lsn - '0/0'::pg_lsn AS lsn)
            SELECT CASE WHEN pg_is_in_recovery() THEN true ELSE pg_current_wal_flush_lsn() - '0/0'::pg_lsn >=
                   -- an insert position behind a page's header that nothing follows yet: all is before the page
                   lsn - CASE WHEN lsn % pg_size_bytes(current_setting('wal_segment_size')) = 40 THEN 40
                              WHEN lsn % current_setting('wal_block_size')::int = 24 THEN 24 ELSE 0 END END
              FROM snapshot
            """;

    private final String lsn;
    private volatile boolean durable;
    private volatile boolean waited;

    /** @param lsn the server's insert position just after the snapshot was taken */
    DurableSnapshot(String lsn) {
        this.lsn = lsn;
    }

    /** Whether everything before an insert position is on disk. */
    static boolean isFlushed(Connection session, String lsn) throws SQLException {
        return Query.one(session, FLUSHED, row -> row.getBoolean(1), lsn);
    }

    /** Asks the server, and the first time waits for a second at most. */
    boolean in(Connection session) throws SQLException {
        for (int i = 0; i < TRIES && !durable; i++) {
            durable = isFlushed(session, lsn);
            if (durable || waited) {
                break;
            }
            Query.execute(session, TRY);
        }
        waited = true;
        return durable;
    }
}

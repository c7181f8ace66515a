package io.hyperkeep.export;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * How many locks a backup would take, and how many the server has room for.
 *
 * @param relations tables, chunks and partitions that one session would lock
 * @param capacity locks that the server's shared lock table has room for: {@code max_locks_per_transaction} times the
 *     number of sessions and prepared transactions (PostgreSQL 17 manual, 19.12)
 * @param maintained how many of the tables the role may lock in ROW SHARE mode
 * @param tables number of tables asked for
 */
public record LockBudget(long relations, long capacity, int maintained, int tables) {
    // the rest of the lock table belongs to everybody else
    private static final double OUR_SHARE = 0.6;

    /**
     * Counts, with locks on nothing.
     *
     * @param connection any session of the source
     * @param tables hypertables' roots and plain tables
     */
    public static LockBudget read(Connection connection, List<TableName> tables) throws SQLException {
        String[] names = tables.stream().map(Identifiers::quote).toArray(String[]::new);
        // MAINTAIN is PostgreSQL 17's; what else allows ROW SHARE: manual, LOCK, Notes
        String privileges = Query.one(
                        connection,
                        "SELECT current_setting('server_version_num')::int >= 170000",
                        row -> row.getBoolean(1))
                ? "MAINTAIN, INSERT, UPDATE, DELETE, TRUNCATE"
                : "INSERT, UPDATE, DELETE, TRUNCATE";
        return Query.one(
                connection,
                """
                WITH RECURSIVE root AS (SELECT unnest(?::text[])::regclass::oid AS oid),
                     locked AS (SELECT oid FROM root
                                UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN locked l ON l.oid = i.inhparent)
                SELECT (SELECT count(*) FROM locked),
                       current_setting('max_locks_per_transaction')::bigint
                       * (current_setting('max_connections')::bigint
                          + current_setting('max_prepared_transactions')::bigint),
                       (SELECT count(*) FILTER (WHERE has_table_privilege(oid, ?)) FROM root)
                """,
                row -> new LockBudget(row.getLong(1), row.getLong(2), row.getInt(3), tables.size()),
                connection.createArrayOf("text", names),
                privileges);
    }

    /** Whether every table can be locked in ROW SHARE mode, the only one that stops every compression. */
    public boolean mayTakeRowShare() {
        return maintained == tables;
    }

    /** Whether that many sessions can each lock everything and leave room for others. */
    public boolean fits(int sessions) {
        // the table is sized for two holders of every lock, and each further one takes an entry too
        return relations <= capacity * OUR_SHARE && relations * sessions <= 2 * capacity * OUR_SHARE;
    }

    /**
     * Requires that the holder, and the schema dump beside it, can lock everything.
     *
     * @throws BackupException that says which setting to raise, and to what
     */
    public void requireFits(String database) {
        if (relations > capacity * OUR_SHARE) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the backup of database \"" + database + "\" would lock " + relations
                            + " tables and chunks at the same time, and the server's lock table has room for "
                            + capacity,
                    "raise max_locks_per_transaction (timescaledb-tune suggests a value) and restart the server, or"
                            + " use --lock light");
        }
    }
}

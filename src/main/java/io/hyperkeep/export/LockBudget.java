package io.hyperkeep.export;

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
 * @param perTransaction the server's {@code max_locks_per_transaction}
 * @param transactions sessions and prepared transactions that the server allows: its lock table has room for this many
 *     times {@code perTransaction} locks (PostgreSQL 17 manual, 19.12)
 * @param maintained how many of the tables the role may lock in ROW SHARE mode
 * @param tables number of tables asked for
 */
public record LockBudget(long relations, long perTransaction, long transactions, int maintained, int tables) {
    // the rest of the lock table belongs to everybody else
    private static final double OUR_SHARE = 0.6;

    /**
     * Counts, with locks on nothing.
     *
     * @param connection any session of the source
     * @param tables hypertables' roots and plain tables
     */
    public static LockBudget read(Connection connection, List<TableName> tables) throws SQLException {
        String privileges = rowSharePrivileges(Query.one(
                connection, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1)));
        return Query.one(
                connection,
                """
                WITH RECURSIVE root AS (SELECT c.oid
                                          FROM unnest(?::text[], ?::text[]) AS t (schema, name)
                                          JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
                                          JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name),
                     locked AS (SELECT oid FROM root
                                UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN locked l ON l.oid = i.inhparent)
                SELECT (SELECT count(*) FROM locked),
                       current_setting('max_locks_per_transaction')::bigint,
                       current_setting('max_connections')::bigint
                       + current_setting('max_prepared_transactions')::bigint,
                       (SELECT count(*) FILTER (WHERE has_table_privilege(oid, ?)) FROM root)
                """,
                row -> new LockBudget(row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4), tables.size()),
                // by the catalog and not by regclass, which fails where the role may not use the schema
                connection.createArrayOf(
                        "text", tables.stream().map(TableName::schema).toArray()),
                connection.createArrayOf(
                        "text", tables.stream().map(TableName::name).toArray()),
                privileges);
    }

    /**
     * The privileges of which each allows to lock a table in ROW SHARE mode (manuals, LOCK, Notes), as
     * {@code has_table_privilege} takes them.
     */
    public static String rowSharePrivileges(int serverMajor) {
        return (serverMajor >= 17 ? "MAINTAIN, " : "")
                + (serverMajor >= 16 ? "INSERT, " : "")
                + "UPDATE, DELETE, TRUNCATE";
    }

    /** Locks that the server's lock table has room for. */
    public long capacity() {
        return perTransaction * transactions;
    }

    /** The smallest {@code max_locks_per_transaction} with which that many sessions fit. */
    public long perTransactionFor(int sessions) {
        long capacity = (long) Math.ceil(Math.max(relations, relations * sessions / 2.0) / OUR_SHARE);
        return Math.max(perTransaction, (capacity + transactions - 1) / transactions);
    }

    /** Whether every table can be locked in ROW SHARE mode, the only one that stops every compression. */
    public boolean mayTakeRowShare() {
        return maintained == tables;
    }

    /** Whether that many sessions can each lock everything and leave room for others. */
    public boolean fits(int sessions) {
        // the table is sized for two holders of every lock, and each further one takes an entry too
        return relations <= capacity() * OUR_SHARE && relations * sessions <= 2 * capacity() * OUR_SHARE;
    }

    /**
     * Requires that the holder, and the schema dump beside it, can lock everything.
     *
     * @throws BackupException that says which setting to raise, and to what
     */
    public void requireFits(String database) {
        if (relations > capacity() * OUR_SHARE) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the backup of database \"" + database + "\" would lock " + relations
                            + " tables and chunks at the same time, and the server's lock table has room for "
                            + capacity(),
                    "raise max_locks_per_transaction from " + perTransaction + " to at least " + perTransactionFor(2)
                            + " and restart the server, or use --lock light");
        }
    }
}

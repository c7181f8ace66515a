package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.RestoreLedgers;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is done of a restore, kept in the target itself: in a schema of its own, one row for each finished item, written
 * in the transaction that does the item. The schema is called {@value RestoreLedgers#SCHEMA}, with a number after it
 * where users have one of that name, in the target or in the backup.
 *
 * <p>As long as the schema's table {@code restore} has a row, the target is not restored: every other restore refuses
 * it, and this one continues. Thread-safe: connections are the callers'.
 */
public final class Ledger {
    /** A function in the ledger's schema; see {@link CreateChunks}. */
    private static final String DISCARD = "discard_row()";

    /** An item that is to be undone at the end: the event trigger of this name is disabled; its digest is its state. */
    private static final String DISABLED = "event trigger off: ";

    private static String giveUp(Connection connection) throws SQLException {
        return "restart it, with the same options; or give it up: drop the database, or in one that is"
                + " in use the tables that it restored and the schema " + nameIn(connection);
    }

    private final String backup;
    private final String selection;
    private final Predicate<String> taken;

    /** The schema's name, quoted, once it was looked for. */
    private volatile @Nullable String found;

    /**
     * @param backup what tells this backup from every other one
     * @param selection what of it is restored, as text
     * @param taken whether the restore itself creates a schema of that name
     */
    public Ledger(String backup, String selection, Predicate<String> taken) {
        this.backup = backup;
        this.selection = selection;
        this.taken = taken;
    }

    /** The ledger for this plan. */
    public static Ledger of(RestorePlan plan) {
        return new Ledger(plan.identity(), plan.selectionText(), plan.targetSchemas()::contains);
    }

    /**
     * A restore that has not ended.
     *
     * @param backup as given to the constructor
     * @param selection as given to the constructor
     * @param started when it began, by the server's clock
     */
    public record Unfinished(String backup, String selection, OffsetDateTime started) {}

    /**
     * Looks for an unfinished restore in this database, this one or another one.
     */
    public static Optional<Unfinished> unfinished(Connection connection) throws SQLException {
        for (String schema : RestoreLedgers.schemas(connection)) {
            List<Unfinished> rows = Query.list(
                    connection,
                    "SELECT backup, selection, started FROM " + Identifiers.quote(schema) + ".restore",
                    row -> new Unfinished(row.getString(1), row.getString(2), row.getObject(3, OffsetDateTime.class)));
            if (!rows.isEmpty()) {
                return Optional.of(rows.get(0));
            }
        }
        return Optional.empty();
    }

    /**
     * Whether this very restore was begun here before.
     *
     * @throws BackupException UNSUITABLE when another restore is unfinished here
     */
    public boolean begunBefore(Connection connection) throws SQLException {
        Optional<Unfinished> found = unfinished(connection);
        if (found.isEmpty()) {
            return false;
        }
        Unfinished other = found.get();
        if (!other.backup().equals(backup)) {
            throw refusal(connection, other);
        }
        if (!other.selection().equals(selection)) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "database " + name(connection) + " holds an unfinished restore of this backup, of "
                            + other.selection() + ", not of " + selection,
                    giveUp(connection));
        }
        return true;
    }

    private static BackupException refusal(Connection connection, Unfinished other) throws SQLException {
        return new BackupException(
                Problem.UNSUITABLE,
                "database " + name(connection) + " holds an unfinished restore of another backup, " + other.backup()
                        + ", begun "
                        + DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'")
                                .format(other.started().withOffsetSameInstant(ZoneOffset.UTC)),
                giveUp(connection));
    }

    /**
     * Marks the target as being restored. Does nothing when this restore was begun before.
     *
     * @param connection in auto-commit mode
     * @throws BackupException as {@link #begunBefore}; DENIED without the right to create a schema
     */
    public void begin(Connection connection) throws SQLException {
        begin(connection, false);
    }

    /**
     * As {@link #begin(Connection)}.
     *
     * @param withoutEventTriggers whether the database's event triggers are disabled until {@link #remove}
     */
    void begin(Connection connection, boolean withoutEventTriggers) throws SQLException {
        if (begunBefore(connection)) {
            return;
        }
        // one transaction: there is never a schema of ours without the row that says what it is for
        connection.setAutoCommit(false);
        try {
            List<EventTriggers.Enabled> disabled = EventTriggers.disable(connection);
            String schema = choose(connection);
            found = schema;
            Query.execute(
                    connection,
                    "CREATE SCHEMA IF NOT EXISTS " + schema,
                    """
                    CREATE TABLE IF NOT EXISTS %s.restore (
                        backup text PRIMARY KEY, selection text NOT NULL,
                        started timestamptz NOT NULL DEFAULT clock_timestamp())
                    """.formatted(schema),
                    """
                    CREATE TABLE IF NOT EXISTS %s.ledger (
                        backup text NOT NULL, item text NOT NULL, rows bigint NOT NULL, digest text NOT NULL,
                        at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (backup, item))
                    """.formatted(schema),
                    "CREATE UNLOGGED TABLE IF NOT EXISTS " + schema + ".ledger_unlogged (LIKE " + schema
                            + ".ledger INCLUDING ALL)",
                    "COMMENT ON SCHEMA " + schema
                            + " IS 'an unfinished restore; hyperkeep drops this schema at its end'");
            try (var statement = connection.prepareStatement(
                    "INSERT INTO " + schema + ".restore (backup, selection) VALUES (?, ?)")) {
                statement.setString(1, backup);
                statement.setString(2, selection);
                statement.executeUpdate();
            }
            if (withoutEventTriggers) {
                enterDisabled(connection, disabled);
            } else {
                EventTriggers.enable(connection, disabled);
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw begun(connection, e);
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** A schema of its own: one that is there, or that the restore creates, is a user's whatever it is called. */
    private String choose(Connection connection) throws SQLException {
        List<String> there = RestoreLedgers.schemas(connection);
        if (!there.isEmpty()) {
            return Identifiers.quote(there.get(0));
        }
        Set<String> schemas = Set.copyOf(
                Query.list(connection, "SELECT nspname FROM pg_catalog.pg_namespace", row -> row.getString(1)));
        String name = RestoreLedgers.SCHEMA;
        for (int number = 1; schemas.contains(name) || taken.test(name); number++) {
            name = RestoreLedgers.SCHEMA + "_" + number;
        }
        return Identifiers.quote(name);
    }

    private String schema(Connection connection) throws SQLException {
        String schema = found;
        if (schema == null) {
            // without a ledger, the server's own message names the table that is missing
            schema = Identifiers.quote(nameIn(connection));
            found = schema;
        }
        return schema;
    }

    private static BackupException begun(Connection connection, SQLException e) throws SQLException {
        if ("42501".equals(e.getSQLState())) {
            return new BackupException(
                    Problem.DENIED,
                    "role " + connection.getMetaData().getUserName() + " may not create a schema in database "
                            + name(connection),
                    "GRANT CREATE ON DATABASE " + Identifiers.quote(name(connection)) + " TO "
                            + Identifiers.quote(connection.getMetaData().getUserName()),
                    e);
        }
        return ServerErrors.translate("cannot begin a restore in database " + name(connection), e);
    }

    private void enterDisabled(Connection connection, List<EventTriggers.Enabled> disabled) throws SQLException {
        try (var statement = connection.prepareStatement(
                "INSERT INTO " + schema(connection) + ".ledger (backup, item, rows, digest) VALUES (?, ?, 0, ?)")) {
            for (EventTriggers.Enabled trigger : disabled) {
                statement.setString(1, backup);
                statement.setString(2, DISABLED + trigger.name());
                statement.setString(3, trigger.state());
                statement.executeUpdate();
            }
        }
    }

    /** Those that {@link #begin} has disabled. */
    private List<EventTriggers.Enabled> disabled(Connection connection) throws SQLException {
        return Query.list(
                connection,
                "SELECT l.item, l.digest FROM " + schema(connection) + ".ledger l JOIN pg_catalog.pg_event_trigger t"
                        + " ON l.item = ? || t.evtname WHERE l.backup = ? ORDER BY 1",
                row -> new EventTriggers.Enabled(row.getString(1).substring(DISABLED.length()), row.getString(2), true),
                DISABLED,
                backup);
    }

    /** The finished items. */
    public Set<String> done(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(
                connection,
                "SELECT item FROM " + schema(connection) + ".ledger WHERE backup = ? UNION ALL SELECT item FROM "
                        + schema(connection) + ".ledger_unlogged WHERE backup = ?",
                row -> row.getString(1),
                backup,
                backup));
    }

    /** Whether this item is finished. */
    public boolean isDone(Connection connection, String item) throws SQLException {
        return done(connection).contains(item);
    }

    /**
     * The items that are finished for good: what was committed asynchronously is on the server's disk when this returns,
     * or was forgotten in a crash and is not among them.
     *
     * @param connection in auto-commit mode
     */
    public Set<String> doneForGood(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try {
            // the log is flushed up to this commit, and so are the commits before it
            Query.execute(
                    connection,
                    "SET LOCAL synchronous_commit = on",
                    "UPDATE " + schema(connection) + ".restore SET started = started");
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
        return done(connection);
    }

    /**
     * Enters an item, in the caller's transaction and before its work: a second importer of the same item then waits
     * for this transaction and fails, before it has done anything.
     *
     * @param digest of its rows; null for an item that has none
     * @param unlogged whether the rows go into an unlogged table, which a server that crashed has emptied: then so has
     *     the table with this entry
     * @throws SQLException also when the item is done already
     */
    public void enter(Connection connection, String item, long rows, @Nullable RowDigest digest, boolean unlogged)
            throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO " + schema(connection) + "."
                + (unlogged ? "ledger_unlogged" : "ledger") + " (backup, item, rows, digest) VALUES (?, ?, ?, ?)")) {
            statement.setString(1, backup);
            statement.setString(2, item);
            statement.setLong(3, rows);
            statement.setString(4, digest == null ? "" : digest.toString());
            statement.executeUpdate();
        }
    }

    /** Takes an item out again, in the caller's transaction: what it stands for is undone. */
    void leave(Connection connection, String item) throws SQLException {
        try (var statement = connection.prepareStatement(
                "DELETE FROM " + schema(connection) + ".ledger WHERE backup = ? AND item = ?")) {
            statement.setString(1, backup);
            statement.setString(2, item);
            statement.executeUpdate();
        }
    }

    /**
     * The statement that {@link #enter} runs, for work that a client program does in a transaction of its own; without
     * a semicolon. Only after the items were read with {@link #done}.
     *
     * @param item the finished item
     */
    public String enterSql(String item) {
        return "INSERT INTO " + Objects.requireNonNull(found, "the ledger was not read")
                + ".ledger (backup, item, rows, digest) VALUES ("
                + Identifiers.literal(backup) + ", "
                + Identifiers.literal(item) + ", 0, '')";
    }

    /**
     * Declares the target restored: drops what is ours, and the schema unless somebody put something else there;
     * no event trigger hears of that.
     * Everything committed before, asynchronously too, is durable when the caller's commit returns.
     *
     * @param connection in a transaction, which the caller commits
     */
    void remove(Connection connection) throws SQLException {
        List<EventTriggers.Enabled> disabled = new ArrayList<>(disabled(connection));
        disabled.addAll(EventTriggers.disable(connection));
        Query.execute(
                connection,
                // the log is flushed up to this commit, and so are the commits of the imports before it
                "SET LOCAL synchronous_commit = on",
                "DROP FUNCTION IF EXISTS " + discard(connection),
                "DROP TABLE " + schema(connection) + ".ledger, " + schema(connection) + ".ledger_unlogged, "
                        + schema(connection) + ".restore");
        dropUnlessUsed(connection);
        EventTriggers.enable(connection, disabled);
    }

    private void dropUnlessUsed(Connection connection) throws SQLException {
        Query.execute(connection, "SAVEPOINT schema");
        try {
            Query.execute(connection, "DROP SCHEMA " + schema(connection) + " RESTRICT");
        } catch (SQLException e) {
            // 2BP01: others put objects of their own there, and they stay
            if (!"2BP01".equals(e.getSQLState())) {
                throw e;
            }
            Query.execute(
                    connection, "ROLLBACK TO SAVEPOINT schema", "COMMENT ON SCHEMA " + schema(connection) + " IS NULL");
        }
    }

    /** A trigger function that discards rows; its owner is whoever restores. */
    static String discard(String schema) {
        return schema + "." + DISCARD;
    }

    private String discard(Connection connection) throws SQLException {
        return discard(schema(connection));
    }

    /** The name of the schema that holds the ledger in this database, or that would hold it. */
    static String nameIn(Connection connection) throws SQLException {
        return RestoreLedgers.schemas(connection).stream().findFirst().orElse(RestoreLedgers.SCHEMA);
    }

    private static String name(Connection connection) {
        try {
            return Query.one(connection, "SELECT current_database()", row -> row.getString(1));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the database's name", e);
        }
    }
}

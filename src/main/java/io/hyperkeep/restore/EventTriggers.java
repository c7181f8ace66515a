package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The event triggers of a database, but those of extensions: they are disabled while this program creates or drops what
 * is its own, as none of that is for a user's log. Thread-safe: it has no state.
 */
public final class EventTriggers {
    private static final String OF_USERS = """
            SELECT t.evtname, t.evtenabled::text, pg_catalog.pg_has_role(t.evtowner, 'USAGE')
              FROM pg_catalog.pg_event_trigger t
             WHERE t.evtenabled <> 'D'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass
                                  AND d.objid = t.oid AND d.deptype = 'e')
             ORDER BY t.evtname
            """;

    private EventTriggers() {}

    /**
     * A trigger that fires.
     *
     * @param name of the trigger
     * @param state as in {@code pg_event_trigger.evtenabled}
     * @param ours whether the role may disable it
     */
    record Enabled(String name, String state, boolean ours) {}

    /** Those that fire. */
    static List<Enabled> enabled(Connection connection) throws SQLException {
        return Query.list(
                connection, OF_USERS, row -> new Enabled(row.getString(1), row.getString(2), row.getBoolean(3)));
    }

    /**
     * Disables those that the role may disable.
     *
     * @param connection in a transaction, at whose end they are to be enabled again
     * @return what {@link #enable} takes
     */
    static List<Enabled> disable(Connection connection) throws SQLException {
        List<Enabled> disabled =
                enabled(connection).stream().filter(Enabled::ours).toList();
        for (Enabled trigger : disabled) {
            alter(connection, trigger.name(), "DISABLE");
        }
        return disabled;
    }

    /** Enables them as they were. */
    static void enable(Connection connection, List<Enabled> triggers) throws SQLException {
        for (Enabled trigger : triggers) {
            alter(
                    connection,
                    trigger.name(),
                    switch (trigger.state()) {
                        case "A" -> "ENABLE ALWAYS";
                        case "R" -> "ENABLE REPLICA";
                        default -> "ENABLE";
                    });
        }
    }

    private static void alter(Connection connection, String name, String how) throws SQLException {
        Query.execute(connection, "ALTER EVENT TRIGGER " + Identifiers.quote(name) + " " + how);
    }

    /** Something that a client program does in sessions of its own. */
    @FunctionalInterface
    public interface Work {
        void run();
    }

    /**
     * Does something in the database while none of them fires.
     *
     * @param connection in auto-commit mode
     */
    public static void without(Connection connection, Work work) throws SQLException {
        List<Enabled> disabled = disable(connection);
        try {
            work.run();
        } finally {
            enable(connection, disabled);
        }
    }
}

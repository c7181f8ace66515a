package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Watches an attempt's sessions from outside: names who waits for their locks, and notices when the holder of the
 * snapshot is gone. For one thread, which calls {@link #tick()} now and then.
 */
public final class WatchSessions implements AutoCloseable {
    private final Connection connection;
    private final Supplier<List<Integer>> backends;
    private final Consumer<String> notices;
    private final Set<Integer> named = new HashSet<>();

    /**
     * @param connection of its own, in auto-commit mode; closed with this
     * @param backends asked each time for server process ids, the holder's first
     * @param notices told of each session that waits for one of ours, once
     */
    public WatchSessions(Connection connection, Supplier<List<Integer>> backends, Consumer<String> notices) {
        this.connection = connection;
        this.backends = backends;
        this.notices = notices;
    }

    /**
     * Looks once.
     *
     * @return false when the holder's session has ended
     * @throws SQLException when the server can not be asked; that alone says nothing about the holder
     */
    public boolean tick() throws SQLException {
        record Waiting(int pid, String text) {}
        Integer[] ours = backends.get().toArray(Integer[]::new);
        List<Waiting> waiting = Query.list(
                connection,
                """
                SELECT pid, format('session %s (%s%s) waits for a lock that the backup holds: %s', pid, usename,
                                   coalesce(', ' || nullif(application_name, ''), ''), left(query, 120))
                  FROM pg_catalog.pg_stat_activity
                 WHERE wait_event_type = 'Lock' AND pg_blocking_pids(pid) && ?
                """,
                row -> new Waiting(row.getInt(1), row.getString(2)),
                connection.createArrayOf("int4", ours));
        for (Waiting session : waiting) {
            if (named.add(session.pid())) {
                notices.accept(session.text());
            }
        }
        return Query.one(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE pid = ?)",
                row -> row.getBoolean(1),
                ours[0]);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

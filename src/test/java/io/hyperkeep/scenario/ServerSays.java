package io.hyperkeep.scenario;

import io.hyperkeep.fixtures.Server;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** What a server answers to questions. */
public final class ServerSays {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private ServerSays() {}

    /** Waits until the answer is yes; what is waited for is told when it never is. */
    public static void yes(Server server, String uri, String what, String question) {
        try (Connection connection = server.connect(uri)) {
            Awaitility.await(what)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> one(connection, question).equals("t"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The one value of the one row, as text. */
    public static String one(Server server, String uri, String question) {
        try (Connection connection = server.connect(uri)) {
            return one(connection, question);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The only column of every row. */
    public static List<String> all(Server server, String uri, String question) {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs statements, each in a transaction of its own. */
    public static void done(Server server, String uri, String... statements) throws SQLException {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    /** Runs a statement in this session's transaction. */
    public static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public static String one(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // a test that waits for itself is to fail, and not to hang
            statement.setQueryTimeout((int) PATIENCE.toSeconds());
            ResultSet row = statement.executeQuery(question);
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    /** A transaction that is open anywhere on the server makes rows that came after its beginning look new. */
    static void everybodyElseEnded(Server server, String uri) {
        String last = one(server, uri, "SELECT pg_current_xact_id()");
        yes(
                server,
                uri,
                "whoever wrote before has ended",
                "SELECT pg_snapshot_xmin(pg_current_snapshot()) > '" + last + "'::xid8");
    }
}

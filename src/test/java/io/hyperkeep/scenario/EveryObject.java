package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.PsqlScript;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Databases filled by the scripts beside this class, and the one thing in them that can not come out as it was. */
final class EveryObject {
    /** pg_dump can not keep it, see {@link #differences}. */
    static final String REORDERED =
            "other-column-order: objs.late_child has its columns in another order than in the source: those that it inherits come first";

    private final String owner = ServerObjects.name("hk \"Owner\", ");
    private final String reader = ServerObjects.name("hk-reader's ");

    /** Creates the roles that the scripts name, on every server that their databases are restored to. */
    EveryObject(ServerObjects roles, List<TimescaleServer> servers) throws SQLException {
        for (TimescaleServer server : servers) {
            roles.createRole(server, owner);
            roles.createRole(server, reader);
        }
    }

    void fill(TimescaleServer server, String uri, String... scripts) throws SQLException {
        Map<String, String> variables = Map.of(
                "owner", owner,
                "reader", reader,
                "contrib", String.valueOf(hasContributed(server)),
                "since17", String.valueOf(server.serverMajor() >= 17),
                "since18", String.valueOf(server.serverMajor() >= 18));
        for (String script : scripts) {
            PsqlScript.run(server, uri, EveryObject.class, script, variables);
        }
    }

    /** Whether the extensions that come with PostgreSQL's source are installed. */
    static boolean hasContributed(TimescaleServer server) throws SQLException {
        return ask(
                        server,
                        server.uri(),
                        "SELECT count(*) FROM pg_available_extensions WHERE name IN ('hstore', 'citext', 'ltree')")
                .equals("3");
    }

    static DatabaseContents contents(TimescaleServer server, String uri) throws SQLException {
        try (Connection connection = server.connect(uri)) {
            return DatabaseContents.of(connection);
        }
    }

    static String ask(TimescaleServer server, String uri, String sql) throws SQLException {
        return String.join("\n", list(server, uri, sql));
    }

    static List<String> list(TimescaleServer server, String uri, String sql) throws SQLException {
        List<String> answers = new ArrayList<>();
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                answers.add(String.valueOf(row.getString(1)));
            }
        }
        return answers;
    }

    /**
     * Differences but for the columns' order of a table that was made to inherit after its creation: pg_dump creates it
     * inheriting, and then the inherited columns are the first ones. Its rows are compared column by column here.
     */
    static List<String> differences(
            DatabaseContents expected, DatabaseContents found, TimescaleServer server, String target)
            throws SQLException {
        if (found.rows().containsKey("objs.late_child")) {
            assertThat(list(server, target, "SELECT format('%s %s %s', id, t, x) FROM objs.late_child ORDER BY id"))
                    .isEqualTo(java.util.stream.IntStream.rangeClosed(1, 10)
                            .mapToObj(n -> n + " late " + n)
                            .toList());
        }
        return DatabaseContents.differences(
                expected,
                found,
                line -> !line.startsWith("column objs.late_child ") && !line.startsWith("rows of objs.late_child "));
    }
}

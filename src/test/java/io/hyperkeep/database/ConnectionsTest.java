package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ConnectionsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @Test
    void pins_the_session_whatever_the_database_says() throws SQLException {
        String uri = server.newDatabase("pinned");
        String database = to(uri).address().database();
        try (Connection owner = server.connect(uri)) {
            for (String setting : new String[] {
                "DateStyle = 'German'",
                "TimeZone = 'Asia/Tokyo'",
                "IntervalStyle = 'iso_8601'",
                "extra_float_digits = 0",
                "bytea_output = 'escape'",
                "search_path = pg_catalog",
                "statement_timeout = 1",
                "lock_timeout = 1",
                "default_transaction_read_only = off"
            }) {
                Query.execute(owner, "ALTER DATABASE " + Identifiers.quote(database) + " SET " + setting);
            }
        }
        try (Connection connection = to(uri).open("hyperkeep/1/u1", Duration.ofSeconds(7))) {
            Map<String, String> settings = new TreeMap<>();
            Query.list(connection, """
                    SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('client_encoding', 'DateStyle',
                      'IntervalStyle', 'extra_float_digits', 'TimeZone', 'bytea_output', 'search_path', 'row_security',
                      'xmloption', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
                      'idle_session_timeout', 'transaction_timeout', 'client_min_messages', 'synchronize_seqscans',
                      'application_name')""", row -> settings.put(row.getString(1), row.getString(2)));
            settings.remove("transaction_timeout", "0"); // PostgreSQL 17 and later
            assertThat(settings)
                    .isEqualTo(new TreeMap<>(Map.ofEntries(
                            Map.entry("client_encoding", "UTF8"),
                            Map.entry("DateStyle", "ISO, YMD"),
                            Map.entry("IntervalStyle", "postgres"),
                            Map.entry("extra_float_digits", "3"),
                            Map.entry("TimeZone", "UTC"),
                            Map.entry("bytea_output", "hex"),
                            Map.entry("search_path", ""),
                            Map.entry("row_security", "off"),
                            Map.entry("xmloption", "content"),
                            Map.entry("statement_timeout", "0"),
                            Map.entry("lock_timeout", "7000"),
                            Map.entry("idle_in_transaction_session_timeout", "0"),
                            Map.entry("idle_session_timeout", "0"),
                            Map.entry("client_min_messages", "warning"),
                            Map.entry("synchronize_seqscans", "off"),
                            Map.entry("application_name", "hyperkeep/1/u1"))));
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }

    @Test
    void connects_to_the_database_that_was_named_whatever_its_name() throws SQLException {
        String name = "a b+c%d/e?f&g=\u00e9'\"";
        server.execute("CREATE DATABASE " + Identifiers.quote(name));
        try (Connection connection = to(server.uri()).withDatabase(name).open("t")) {
            assertThat(Query.<String>one(connection, "SELECT current_database()", row -> row.getString(1)))
                    .isEqualTo(name);
        } finally {
            server.execute("DROP DATABASE " + Identifiers.quote(name) + " WITH (FORCE)");
        }
    }

    @Test
    void connects_through_a_unix_socket() throws SQLException {
        String folder;
        try (Connection connection = server.connect()) {
            folder = Query.one(
                    connection,
                    "SELECT current_setting('unix_socket_directories') || '|' || current_setting('port')",
                    row -> row.getString(1));
        }
        String[] parts = folder.split("\\|");
        Assumptions.assumeTrue(
                Path.of(parts[0], ".s.PGSQL." + parts[1]).toFile().exists(),
                "the server's socket is not on this machine");
        DatabaseAddress tcp = to(server.uri()).address();
        DatabaseAddress socket = new DatabaseAddress(
                null, Path.of(parts[0]), Integer.parseInt(parts[1]), tcp.database(), tcp.user(), Map.of());
        try (Connection connection = to(socket.toUri()).open("t")) {
            assertThat(Query.<Boolean>one(connection, "SELECT inet_server_addr() IS NULL", row -> row.getBoolean(1)))
                    .isTrue();
        }
    }

    @Test
    void says_that_a_database_does_not_exist() {
        Connections connections = to(server.uri("hk_no_such_database"));
        assertThat(failure(connections, Problem.UNSUITABLE))
                .isEqualTo(
                        "cannot connect to " + connections.address()
                                + ": database \"hk_no_such_database\" does not exist"
                                + "\nHINT: check the database's name, or create it: createdb; for a restore, --create-database does.");
    }

    @Test
    void says_that_a_role_is_refused() throws SQLException {
        Connections unknown = as("hk_no_such_role");
        assertThat(failure(unknown, Problem.DENIED)).startsWith("cannot connect to " + unknown.address() + ": ");
        server.execute("DROP ROLE IF EXISTS hk_test_limited", "CREATE ROLE hk_test_limited NOLOGIN");
        try {
            Connections refused = as("hk_test_limited");
            assertThat(failure(refused, Problem.DENIED)).startsWith("cannot connect to " + refused.address() + ": ");
        } finally {
            server.execute("DROP ROLE hk_test_limited");
        }
    }

    @Test
    void says_that_nobody_listens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThat(failure(to("postgresql://u@127.0.0.1:" + port + "/d"), Problem.UNREACHABLE))
                .isEqualTo(
                        "cannot connect to u@127.0.0.1:" + port + "/d: connection refused"
                                + "\nHINT: is the server running, and does it listen there? Check host, port and listen_addresses.");
        assertThat(failure(to("postgresql:///d?user=u&host=/nonexistent"), Problem.UNREACHABLE))
                .isEqualTo(
                        "cannot connect to u@/nonexistent:5432/d: no such file or directory"
                                + "\nHINT: is the server running, and is this the folder that its unix_socket_directories names?");
        assertThat(failure(to("postgresql://u@no-such-host.invalid/d"), Problem.UNREACHABLE))
                .isEqualTo(
                        "cannot connect to u@no-such-host.invalid:5432/d: the host name no-such-host.invalid is not known"
                                + "\nHINT: check the host's spelling and this machine's name resolution.");
    }

    @Test
    void gives_up_on_a_server_that_accepts_and_says_nothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            long start = System.nanoTime();
            String address = "127.0.0.1:" + silent.getLocalPort() + "/d";
            assertThat(failure(to("postgresql://u@" + address + "?connect_timeout=1"), Problem.UNREACHABLE))
                    .isEqualTo(
                            "cannot connect to u@" + address + ": no answer within 1 seconds"
                                    + "\nHINT: check host and port, and that no firewall is in between; connect_timeout in the URI waits longer.");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        }
    }

    private static Connections to(String uri) {
        return TestConnections.to(uri, server.clientTools());
    }

    private static Connections as(String role) {
        DatabaseAddress address = to(server.uri()).address();
        DatabaseAddress other = new DatabaseAddress(
                address.host(), address.socketFolder(), address.port(), address.database(), role, address.parameters());
        return to(other.toUri());
    }

    private static String failure(Connections connections, Problem problem) {
        BackupException failure = catchThrowableOfType(BackupException.class, () -> connections.open("t"));
        assertThat(failure.problem()).isEqualTo(problem);
        return failure.text();
    }
}

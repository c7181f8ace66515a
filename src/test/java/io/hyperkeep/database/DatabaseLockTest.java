package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DatabaseLockTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @Test
    void the_second_is_told_who_was_first() {
        Connections connections = TestConnections.to(server.uri(), server.clientTools());
        try (DatabaseLock first = DatabaseLock.acquire(connections, "hyperkeep/41/lock")) {
            assertThat(first.held()).isTrue();
            BackupException refused = catchThrowableOfType(
                    BackupException.class, () -> DatabaseLock.acquire(connections, "hyperkeep/42/lock"));
            assertThat(refused.problem()).isEqualTo(Problem.LOCKED);
            assertThat(refused.text())
                    .matches(
                            "database " + connections.address().database()
                                    + " is locked by another run: hyperkeep/41/lock, server process \\d+, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC"
                                    + "\\RHINT: wait for it to end, or end it: `hyperkeep runs list`, on the machine that it runs on, names it\\.");
        }
        DatabaseLock.acquire(connections, "hyperkeep/43/lock").close();
    }

    @Test
    void two_databases_of_a_server_do_not_meet() throws SQLException {
        Connections connections = TestConnections.to(server.uri(), server.clientTools());
        Connections other = TestConnections.to(server.newDatabase("lock"), server.clientTools());
        try (DatabaseLock one = DatabaseLock.acquire(connections, "a");
                DatabaseLock two = DatabaseLock.acquire(other, "b")) {
            assertThat(one.held() && two.held()).isTrue();
        }
    }

    @Test
    void a_lock_whose_session_died_says_so_and_is_free() throws SQLException {
        Connections connections = TestConnections.to(server.uri(), server.clientTools());
        try (DatabaseLock lock = DatabaseLock.acquire(connections, "hyperkeep/dying");
                Connection killer = server.connect()) {
            Query.execute(
                    killer,
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'hyperkeep/dying'");
            Awaitility.await().until(() -> !lock.held());
            DatabaseLock.acquire(connections, "hyperkeep/next").close();
        }
    }
}

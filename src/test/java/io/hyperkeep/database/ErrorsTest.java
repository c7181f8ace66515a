package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class ErrorsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final DatabaseAddress ADDRESS = new DatabaseAddress("h", null, 5432, "d", "u", Map.of());

    @ParameterizedTest
    @ValueSource(strings = {"57P01", "57P02", "57P03", "40001", "40003", "40P01", "53300", "55P03", "55006"})
    void what_passes_by_itself_is_worth_another_try(String state) {
        assertThat(ServerErrors.translate("cannot x", serverError(state, "m")).isPassing())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08000", "08001", "08003", "08006", "08007"})
    void a_connection_that_is_lost_is_ours_or_one_of_the_servers_own(String state) {
        SQLException ofDriver = new SQLException("An I/O error occurred", state);
        assertThat(ServerErrors.translate("cannot x", ofDriver).isPassing()).isTrue();

        BackupException ofServer =
                ServerErrors.translate("cannot x", serverError(state, "could not connect to server"));
        assertThat(ofServer.isPassing()).isFalse();
        assertThat(ofServer).hasMessage("cannot x: could not connect to server");
        assertThat(ofServer.hint())
                .isEqualTo(
                        "the server itself is there: what it was asked for needs another one, which it cannot reach.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "08004", "08P01", "57P04", "57014", "53100", "53200", "53400", "58030", "23505", "42501", "42P01",
                "28P01", "25P03", "40002", "22P02", "P0001", "XX000", "XX001"
            })
    void what_stays_fails_at_once(String state) {
        assertThat(ServerErrors.translate("cannot x", serverError(state, "m")).isPassing())
                .isFalse();
    }

    @Test
    void a_login_that_fails_by_what_was_given_is_not_tried_again() {
        assertThat(LoginErrors.translate(serverError("53300", "too many"), ADDRESS, true)
                        .isPassing())
                .isTrue();
        assertThat(LoginErrors.translate(serverError("57P03", "starting up"), ADDRESS, true)
                        .isPassing())
                .isTrue();
        assertThat(LoginErrors.translate(
                                new PSQLException("refused", PSQLState.CONNECTION_UNABLE_TO_CONNECT), ADDRESS, true)
                        .isPassing())
                .isTrue();
        assertThat(LoginErrors.translate(serverError("28P01", "wrong"), ADDRESS, true)
                        .isPassing())
                .isFalse();
        assertThat(LoginErrors.translate(
                                new PSQLException(
                                        "x", PSQLState.CONNECTION_UNABLE_TO_CONNECT, new UnknownHostException("h")),
                                ADDRESS,
                                true)
                        .isPassing())
                .isFalse();
    }

    @Test
    void tells_a_wrong_password_from_none() {
        PSQLException wrong = serverError("28P01", "password authentication failed for user \"u\"");
        assertThat(LoginErrors.translate(wrong, ADDRESS, true).text())
                .isEqualTo("cannot connect to u@h:5432/d: password authentication failed for user \"u\""
                        + "\nHINT: the password that was found is not that of role u, or the role does not exist.");
        BackupException none = LoginErrors.translate(wrong, ADDRESS, false);
        assertThat(none.problem()).isEqualTo(Problem.DENIED);
        assertThat(none.text())
                .isEqualTo(
                        "cannot connect to u@h:5432/d: the server asks for a password, and none was found"
                                + "\nHINT: set PGPASSWORD, add a line to ~/.pgpass (mode 0600), or configure a password file or command.");
    }

    @Test
    void says_what_pg_hba_needs() {
        String said = "no pg_hba.conf entry for host \"10.0.0.9\", user \"u\", database \"d\", no encryption";
        BackupException refused = LoginErrors.translate(serverError("28000", said), ADDRESS, true);
        assertThat(refused.problem()).isEqualTo(Problem.DENIED);
        assertThat(refused.text())
                .isEqualTo(
                        "cannot connect to u@h:5432/d: " + said
                                + "\nHINT: the server's pg_hba.conf needs an entry that lets this role in from here; \"no encryption\" in the message means that it may ask for sslmode=require.");
    }

    @Test
    void says_that_the_server_is_full_or_starting() {
        assertThat(LoginErrors.translate(serverError("53300", "sorry, too many clients already"), ADDRESS, true)
                        .text())
                .isEqualTo("cannot connect to u@h:5432/d: sorry, too many clients already"
                        + "\nHINT: raise max_connections or the role's or database's limit, or run with fewer --jobs.");
        assertThat(LoginErrors.translate(serverError("57P03", "the database system is starting up"), ADDRESS, true)
                        .text())
                .isEqualTo("cannot connect to u@h:5432/d: the database system is starting up"
                        + "\nHINT: try again when the server has started.");
    }

    @Test
    void a_lock_that_is_not_had_in_time_is_told_by_name() throws SQLException {
        server.execute("CREATE TABLE public.held (id int)");
        try (Connection holder = server.connect();
                Connection waiter =
                        TestConnections.to(server.uri(), server.clientTools()).open("t", Duration.ofMillis(50))) {
            holder.setAutoCommit(false);
            Query.execute(holder, "LOCK TABLE public.held");
            SQLException e =
                    catchThrowableOfType(SQLException.class, () -> Query.execute(waiter, "SELECT FROM public.held"));
            BackupException failure = ServerErrors.translate("cannot export public.held", e);
            assertThat(failure.problem()).isEqualTo(Problem.SERVER);
            assertThat(failure.text())
                    .isEqualTo(
                            "cannot export public.held: canceling statement due to lock timeout"
                                    + "\nHINT: somebody else holds a conflicting lock: pg_locks and pg_stat_activity say who; try again, or with a longer lock timeout.");
        }
    }

    @Test
    void an_errors_detail_is_not_told_as_it_holds_values() throws SQLException {
        server.execute(
                "CREATE TABLE public.secrets (s text PRIMARY KEY)", "INSERT INTO public.secrets VALUES ('s3cret')");
        try (Connection connection =
                TestConnections.to(server.uri(), server.clientTools()).open("t")) {
            SQLException e = catchThrowableOfType(
                    SQLException.class,
                    () -> Query.execute(connection, "INSERT INTO public.secrets VALUES ('s3' || 'cret')"));
            assertThat(ServerErrors.translate("cannot import public.secrets", e).text())
                    .isEqualTo(
                            "cannot import public.secrets: duplicate key value violates unique constraint \"secrets_pkey\"");
            assertThat(e.getMessage()).doesNotContain("s3cret");
        }
    }

    @Test
    void a_broken_connection_and_a_missing_privilege_have_their_own_problems() throws SQLException {
        try (Connection victim =
                        TestConnections.to(server.uri(), server.clientTools()).open("t");
                Connection other = server.connect()) {
            int pid = Query.one(victim, "SELECT pg_backend_pid()", row -> row.getInt(1));
            Query.execute(other, "SELECT pg_terminate_backend(" + pid + ", 5000)");
            SQLException e = catchThrowableOfType(SQLException.class, () -> Query.execute(victim, "SELECT 1"));
            BackupException failure = ServerErrors.translate("cannot export public.t", e);
            assertThat(failure.problem()).isEqualTo(Problem.UNREACHABLE);
            assertThat(failure.hint())
                    .isEqualTo("the connection is gone; see the server's log. A failed run can be restarted.");
        }
        BackupException denied =
                ServerErrors.translate("cannot export public.t", serverError("42501", "permission denied for table t"));
        assertThat(denied.problem()).isEqualTo(Problem.DENIED);
        assertThat(denied.text())
                .isEqualTo("cannot export public.t: permission denied for table t"
                        + "\nHINT: a privilege is missing: `hyperkeep check` names the GRANTs to run.");
    }

    private static PSQLException serverError(String state, String message) {
        return new PSQLException(new ServerErrorMessage("SERROR\0VERROR\0C" + state + "\0M" + message + "\0"), false);
    }
}

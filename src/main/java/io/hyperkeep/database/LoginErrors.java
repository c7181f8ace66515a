package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says what to do about a connection that could not be opened. */
final class LoginErrors {
    private LoginErrors() {}

    /**
     * The failure to throw. Passing, as {@link ServerErrors#isPassing} says, are only those that a server may get over by
     * itself: names that are not known and certificates that do not fit come again.
     */
    static BackupException translate(SQLException e, DatabaseAddress address, boolean passwordGiven) {
        String state = ServerErrors.state(e);
        String what = "cannot connect to " + address + ": ";
        String said = ServerErrors.message(e);
        if (find(e, UnknownHostException.class) != null) {
            return new BackupException(
                    Problem.UNREACHABLE,
                    what + "the host name " + address.host() + " is not known",
                    "check the host's spelling and this machine's name resolution.",
                    e);
        }
        if (find(e, SSLException.class) != null) {
            return new BackupException(
                    Problem.UNREACHABLE,
                    what + "the encrypted connection failed: "
                            + find(e, SSLException.class).getMessage(),
                    "check sslmode and sslrootcert against the server's certificate.",
                    e);
        }
        if (find(e, SocketTimeoutException.class) != null || said.contains("Connection attempt timed out")) {
            return failed(
                    Problem.UNREACHABLE,
                    what + "no answer within " + Connections.connectSeconds(address) + " seconds",
                    "check host and port, and that no firewall is in between; connect_timeout in the URI waits longer.",
                    e);
        }
        if (said.contains("hostnameverifier")) {
            return new BackupException(
                    Problem.UNREACHABLE,
                    what + "the server's certificate is not for host " + address.host(),
                    "use the name that the certificate has, or sslmode=verify-ca.",
                    e);
        }
        return switch (state) {
            case "28P01" -> password(what, address, passwordGiven, said, e);
            case "28000" -> refused(what, said, e);
            case "08004" ->
                passwordGiven || said.contains("SSL")
                        ? failed(Problem.UNREACHABLE, what + said, "check sslmode.", e)
                        : password(what, address, false, said, e);
            case "3D000" ->
                failed(
                        Problem.UNSUITABLE,
                        what + said,
                        "check the database's name, or create it: createdb; for a restore, --create-database does.",
                        e);
            case "53300" ->
                failed(
                        Problem.UNREACHABLE,
                        what + said,
                        "raise max_connections or the role's or database's limit, or run with fewer --jobs.",
                        e);
            case "57P03" -> failed(Problem.UNREACHABLE, what + said, "try again when the server has started.", e);
            case "42501", "55000" ->
                failed(Problem.DENIED, what + said, "the role needs CONNECT on a database that allows connections.", e);
            default -> unreachable(what, address, said, e);
        };
    }

    private static BackupException password(
            String what, DatabaseAddress address, boolean given, String said, SQLException e) {
        return given
                ? failed(
                        Problem.DENIED,
                        what + said,
                        "the password that was found is not that of role " + address.user()
                                + ", or the role does not exist.",
                        e)
                : failed(
                        Problem.DENIED,
                        what + "the server asks for a password, and none was found",
                        "set PGPASSWORD, add a line to ~/.pgpass (mode 0600), or configure a password file or command.",
                        e);
    }

    private static BackupException refused(String what, String said, SQLException e) {
        String hint = said.contains("pg_hba.conf")
                ? "the server's pg_hba.conf needs an entry that lets this role in from here; \"no encryption\" in the message means that it may ask for sslmode=require."
                : "check that the role exists and may log in: CREATE ROLE … LOGIN.";
        return failed(Problem.DENIED, what + said, hint, e);
    }

    private static BackupException unreachable(String what, DatabaseAddress address, String said, SQLException e) {
        Throwable reason = find(e, IOException.class);
        String why = reason == null || reason.getMessage() == null ? said : lowerFirst(reason.getMessage());
        return failed(
                Problem.UNREACHABLE,
                what + why,
                address.socketFolder() != null
                        ? "is the server running, and is this the folder that its unix_socket_directories names?"
                        : "is the server running, and does it listen there? Check host, port and listen_addresses.",
                e);
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static BackupException failed(Problem problem, String what, String hint, SQLException e) {
        return new BackupException(problem, what, hint, e, ServerErrors.isPassing(ServerErrors.state(e)));
    }
}

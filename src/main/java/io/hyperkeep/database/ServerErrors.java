package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/** Says what to do about a statement that the server refused. Thread-safe: it has no state. */
public final class ServerErrors {
    /** For bytes that are no characters, or none of the other side's encoding. */
    static final String NO_CHARACTERS =
            "hyperkeep reads and writes UTF-8, and this text has none: correct it in the source. In a database in SQL_ASCII"
                    + " every text must be UTF-8, and one in another encoding must hold that encoding's characters alone.";

    private ServerErrors() {}

    /**
     * The failure to throw for a statement's exception: the server's own message after what we were doing, and a
     * problem and a hint by its SQLSTATE. The error's DETAIL is left out, as it holds column values.
     *
     * @param doing what was tried on what object, e.g. {@code cannot export public.metrics}
     */
    public static BackupException translate(String doing, SQLException e) {
        if (isOfAnotherServer(e)) {
            return new BackupException(
                    Problem.SERVER,
                    doing + ": " + message(e),
                    "the server itself is there: what it was asked for needs another one, which it cannot reach.",
                    e);
        }
        String state = state(e);
        return new BackupException(problem(state), doing + ": " + message(e), hint(state), e, isPassing(state));
    }

    /** Whether rows were refused by a CHECK of a table or domain (23514), or by a function's own exception (P0001). */
    public static boolean isRefusedByCheck(BackupException failure) {
        return failure.getCause() instanceof SQLException refused
                && (state(refused).equals("23514") || state(refused).equals("P0001"));
    }

    /**
     * Whether a connection failed that is not ours: the server itself sent an error of class 08 over ours, as it could not
     * reach the server of a foreign table, or of dblink. Of a connection of ours that is lost, only the driver reports.
     */
    static boolean isOfAnotherServer(SQLException e) {
        String state = state(e);
        return state.startsWith("08")
                && !state.equals("08P01")
                && e instanceof PSQLException p
                && p.getServerErrorMessage() != null;
    }

    /**
     * Whether the same statement may succeed a little later, in a new session, without anybody doing anything. Decided
     * by SQLSTATE (PostgreSQL 18 manual, appendix A); what is not listed here is permanent.
     *
     * <ul>
     *   <li>Class 08, connection exceptions, also 08007 and 40003 where the outcome is not known: whoever retries has to
     *       ask first what was committed. Not 08004, which is how the driver reports a server that turns the login
     *       down, nor 08P01, a protocol violation: both come again.
     *   <li>57P01, 57P02, 57P03: the server shuts down, crashed, or starts. Not 57P04: the database was dropped.
     *   <li>40001, 40P01: serialization failure (on a standby, a conflict with recovery) and deadlock; the manual asks
     *       applications to retry these.
     *   <li>53300: too many connections; others end. Not 53100 and 53200: a full disk and exhausted memory, or too few
     *       locks in the server's configuration, stay until somebody does something.
     *   <li>55P03, 55006: a lock that was not had within its timeout, an object in use; whoever has it ends.
     * </ul>
     *
     * <p>Not 57014: a cancelled statement was cancelled by somebody who wanted it to end.
     *
     * @param state an SQLSTATE, or an empty text
     */
    public static boolean isPassing(String state) {
        return switch (state) {
            case "08004", "08P01" -> false;
            case "57P01", "57P02", "57P03", "40001", "40003", "40P01", "53300", "55P03", "55006" -> true;
            default -> state.startsWith("08");
        };
    }

    /**
     * Whether the server would not do what this statement says, and is in good health: the statement would fail the same
     * way again, and others need not. Not a lost connection, a full disk, a shutdown, a cancelled statement or damaged
     * data, nor anything that may pass.
     */
    public static boolean isRefusal(SQLException e) {
        if (isOfAnotherServer(e)) {
            return true;
        }
        String state = state(e);
        return !state.isEmpty()
                && !isPassing(state)
                && !broken(state)
                && !state.startsWith("25")
                && !state.startsWith("53")
                && !state.startsWith("57")
                && !state.startsWith("58")
                && !state.equals("XX001")
                && !state.equals("XX002");
    }

    /** The server's or driver's message alone, in one line: no severity, no detail, no position. */
    public static String message(SQLException e) {
        String text = e instanceof PSQLException p && p.getServerErrorMessage() != null
                ? p.getServerErrorMessage().getMessage()
                : e.getMessage();
        return text == null ? "SQLSTATE " + e.getSQLState() : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** The exception's SQLSTATE, or an empty text. */
    static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    private static Problem problem(String state) {
        if (state.equals("42501") || state.startsWith("28")) {
            return Problem.DENIED;
        }
        return broken(state) || state.equals("53300") ? Problem.UNREACHABLE : Problem.SERVER;
    }

    /** Whether this SQLSTATE says that the connection is gone, so that only a new one can help. */
    static boolean broken(String state) {
        return state.startsWith("08") || state.startsWith("57P0");
    }

    private static @Nullable String hint(String state) {
        if (broken(state)) {
            return "the connection is gone; see the server's log. A failed run can be restarted.";
        }
        return switch (state) {
            case "42501" -> "a privilege is missing: `hyperkeep check` names the GRANTs to run.";
            case "55P03" ->
                "somebody else holds a conflicting lock: pg_locks and pg_stat_activity say who; try again, or with a longer lock timeout.";
            case "40P01" -> "two sessions waited for each other; try again.";
            case "22021", "22P05" -> NO_CHARACTERS;
            case "23514" ->
                "the check is stricter than the rows, or reads what is not there: correct it in the source, or leave the table out with --exclude.";
            case "53100" -> "the server's disk is full: make room, then restart the run.";
            case "53200" ->
                "the server is out of memory; \"shared memory\" in the message means that max_locks_per_transaction is too low.";
            case "53300" -> "raise max_connections or the role's or database's limit, or run with fewer --jobs.";
            case "57014" -> "somebody cancelled the statement, or a timeout of the server's did; try again.";
            case "40001" -> "the statement met a concurrent change; try again.";
            case "XX001", "XX002" ->
                "the server found damaged data: see its log, and restore or repair that relation first.";
            default -> null;
        };
    }
}

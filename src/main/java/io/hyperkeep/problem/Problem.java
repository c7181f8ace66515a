package io.hyperkeep.problem;

import java.util.Locale;

/**
 * What kind of thing went wrong, as far as a script that called hyperkeep can tell: each problem has one fixed exit code.
 *
 * <p>The codes follow restic's idea of exit codes that scripts can act on.
 */
public enum Problem {
    /** The command or the configuration is wrong: nothing was tried. */
    USAGE(2),
    /** The configuration file has unknown keys, missing values or values that can not be. */
    CONFIGURATION(2),
    /** No such backup, run, plan or table. */
    NOT_FOUND(10),
    /** Somebody else works on the same database. */
    LOCKED(11),
    /** The server refused the login, or a privilege is missing. */
    DENIED(12),
    /** A command of the plan says that there is to be no backup this time: sysexits' EX_TEMPFAIL, as it said it. */
    SKIPPED(75),
    /** A command of the plan that comes before its backups failed. */
    HOOK(1),
    /** The user or the machine asked us to stop. */
    INTERRUPTED(130),
    /** The server can not be reached, or the connection broke. */
    UNREACHABLE(1),
    /** The source or target is not what this command needs: a missing extension, tables that are there already. */
    UNSUITABLE(1),
    /** A client program of PostgreSQL is missing, too old, or failed. */
    CLIENT_TOOL(1),
    /** The repository can not be read or written. */
    STORAGE(1),
    /** A backup's file is missing, cut or altered, or its manifest can not be read. */
    DAMAGED(1),
    /** What was read, written or restored is not what it must be: counts, digests or structure differ. */
    MISMATCH(1),
    /** It lasted longer than it may. */
    TIMEOUT(1),
    /** The server answered a statement with an error. */
    SERVER(1),
    /** A defect in hyperkeep. */
    UNEXPECTED(1);

    private final int exitCode;

    Problem(int exitCode) {
        this.exitCode = exitCode;
    }

    /** The process's exit code, one of those that README.md lists. */
    public int exitCode() {
        return exitCode;
    }

    /** The name that error documents carry: lower case, with hyphens. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

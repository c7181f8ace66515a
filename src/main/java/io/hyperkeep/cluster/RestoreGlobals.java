package io.hyperkeep.cluster;

import io.hyperkeep.cluster.GlobalStatement.Kind;
import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.RestrictPsql;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.verify.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Makes the roles, memberships, settings and tablespaces of a cluster in another one. Repeatable, not thread-safe.
 *
 * <p>What the target has already stays as it is: a role of the same name may be somebody else's, or the one that
 * restores. All roles come in one transaction, so that one that is there was there before, or is whole.
 */
public final class RestoreGlobals {
    private final Connections target;
    private final String application;
    private final boolean tablespaces;
    private final Consumer<String> notices;

    /**
     * @param target any database of the server
     * @param application what {@code pg_stat_activity} shows
     * @param tablespaces whether these are made
     * @param notices told what a person may want to know, as it happens
     */
    public RestoreGlobals(Connections target, String application, boolean tablespaces, Consumer<String> notices) {
        this.target = target;
        this.application = application;
        this.tablespaces = tablespaces;
        this.notices = notices;
    }

    /**
     * Makes them and compares.
     *
     * @param file of the backup
     * @param sourceMajor major version of the server that the backup is of
     * @return what is not as in the backup, because the target had it already
     * @throws BackupException CLIENT_TOOL when psql refuses a statement: then no role was made; DAMAGED when the file
     *     holds a command for psql; MISMATCH when something
     *     is not as in the backup afterwards; STORAGE
     */
    public List<Warning> run(Path file, Cluster cluster, int sourceMajor) {
        Server server = server();
        ClientTools tools = new ClientTools(target.settings());
        DumpGlobals dump = new DumpGlobals(tools.find("pg_dumpall", server.major()), target, application);
        List<GlobalStatement> wanted = GlobalStatement.parse(read(file));
        Script script = script(wanted, GlobalStatement.parse(dump.run(cluster.rolePasswords())), server);
        ClientTool psql = tools.find("psql", server.major());
        if (!script.roles().isEmpty()) {
            run(psql, text(script.session(), script.roles()), "--single-transaction");
        }
        if (!script.tablespaces().isEmpty()) {
            // CREATE TABLESPACE can not be in a transaction
            run(psql, text(script.session(), script.tablespaces()));
        }
        List<Warning> warnings = new ArrayList<>(script.warnings());
        if (sourceMajor == server.major()) {
            compare(script.expected(), GlobalStatement.parse(dump.run(cluster.rolePasswords())));
        } else {
            warnings.add(new Warning(
                    "globals-not-compared",
                    "roles were restored, but not compared: PostgreSQL " + server.major() + " says it otherwise than "
                            + sourceMajor));
        }
        return warnings;
    }

    private record Server(int major, Set<String> roles, Set<String> tablespaces) {}

    private Server server() {
        try (Connection connection = target.open(application)) {
            return new Server(
                    Query.one(
                            connection,
                            "SELECT current_setting('server_version_num')::int / 10000",
                            row -> row.getInt(1)),
                    new HashSet<>(
                            Query.list(connection, "SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1))),
                    new HashSet<>(Query.list(
                            connection, "SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1))));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the roles of " + target.address(), e);
        }
    }

    /**
     * What is to be run.
     *
     * @param session what comes before anything
     * @param roles roles, memberships and rights
     * @param tablespaces tablespaces and what is said of them
     * @param expected what a dump of the target has to have afterwards
     * @param warnings what stays otherwise than in the backup
     */
    private record Script(
            List<GlobalStatement> session,
            List<GlobalStatement> roles,
            List<GlobalStatement> tablespaces,
            List<GlobalStatement> expected,
            List<Warning> warnings) {}

    private Script script(List<GlobalStatement> wanted, List<GlobalStatement> there, Server server) {
        Set<GlobalStatement> known = new HashSet<>(there);
        List<GlobalStatement> session = new ArrayList<>();
        List<GlobalStatement> roles = new ArrayList<>();
        List<GlobalStatement> spaces = new ArrayList<>();
        List<GlobalStatement> expected = new ArrayList<>();
        TreeSet<String> kept = new TreeSet<>();
        TreeSet<String> differing = new TreeSet<>();
        for (GlobalStatement statement : wanted) {
            boolean same = known.contains(statement);
            boolean had = had(statement, server);
            if (statement.kind() == Kind.SESSION) {
                // who grants is said between the grants; how the session reads, before all of them
                (roles.isEmpty() && spaces.isEmpty() && !isAuthorization(statement) ? session : roles).add(statement);
                continue;
            }
            if (statement.isOfTablespaces() && !tablespaces) {
                continue;
            }
            if (had && (statement.kind() == Kind.CREATE_ROLE || statement.kind() == Kind.CREATE_TABLESPACE)) {
                kept.add(statement.label());
            }
            if (same || !had) {
                expected.add(statement);
            } else {
                differing.add(statement.label());
            }
            if (!same && !had) {
                (statement.isOfTablespaces() ? spaces : roles).add(statement);
            }
        }
        kept.forEach(label -> notices.accept(label + " is there already, and stays as it is"));
        return new Script(
                session,
                roles,
                spaces,
                expected,
                differing.stream()
                        .map(label -> new Warning(
                                "kept",
                                label + " was there already and stays as it was, which is not as in the backup"))
                        .toList());
    }

    private static boolean isAuthorization(GlobalStatement statement) {
        return statement.text().contains("AUTHORIZATION");
    }

    /** Whether the target had what the statement is about before. */
    private static boolean had(GlobalStatement statement, Server server) {
        return switch (statement.kind()) {
            case CREATE_ROLE, ROLE -> server.roles().contains(statement.object());
            case MEMBERSHIP ->
                server.roles().contains(statement.object())
                        && server.roles().contains(String.valueOf(statement.member()));
            case CREATE_TABLESPACE, TABLESPACE -> server.tablespaces().contains(statement.object());
            // granting again what is there changes nothing
            case PARAMETER, OTHER, SESSION -> false;
        };
    }

    private static String text(List<GlobalStatement> session, List<GlobalStatement> statements) {
        StringBuilder text = new StringBuilder();
        session.forEach(statement -> text.append(statement.text()).append(";\n"));
        statements.forEach(statement -> text.append(statement.text()).append(";\n"));
        return text.toString();
    }

    private void run(ClientTool psql, String sql, String... how) {
        Path script = null;
        try {
            script = RestrictPsql.script(sql, ClusterFiles.GLOBALS);
            ClientProcess.connected(psql, target, application)
                    // terse: an error does not repeat the statement, which may have a password
                    .arguments("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
                    .arguments(how)
                    .arguments("--file=" + script)
                    .run();
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot write a temporary file: " + e.getMessage(), "is the disk full?", e);
        } finally {
            RestrictPsql.delete(script);
        }
    }

    private void compare(List<GlobalStatement> expected, List<GlobalStatement> now) {
        List<Finding> findings = CompareGlobals.missing(expected, now, tablespaces);
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.MISMATCH,
                    "roles and tablespaces are not those of the backup after they were restored",
                    findings,
                    "did somebody change them meanwhile? Restart the run.");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot read " + file + ": " + e.getMessage(), "is its disk mounted?", e);
        }
    }
}

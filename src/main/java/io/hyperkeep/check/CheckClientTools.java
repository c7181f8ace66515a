package io.hyperkeep.check;

import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.problem.BackupException;
import java.util.ArrayList;
import java.util.List;

/** Looks for the client programs: a backup runs pg_dump and pg_restore, restoring it takes psql too. */
final class CheckClientTools {
    private static final List<String> PROGRAMS = List.of("pg_dump", "pg_restore", "psql");

    private final ClientTools tools;

    CheckClientTools(ClientTools tools) {
        this.tools = tools;
    }

    /**
     * Looks.
     *
     * @param serverMajor the server's major version
     * @param serverMinor its minor version
     */
    List<Finding> run(int serverMajor, int serverMinor) {
        List<Finding> findings = new ArrayList<>();
        for (String program : PROGRAMS) {
            try {
                ClientTool tool = tools.find(program, serverMajor);
                findings.add(
                        program.equals("pg_dump") && tool.major() == serverMajor && tool.minor() < serverMinor
                                ? Finding.warning(
                                        "client-tools",
                                        tool + " is older than the server, " + serverMajor + "." + serverMinor,
                                        "update it: what a newer server keeps in its catalog for itself, as 17.12 does"
                                                + " in pg_attver, an older pg_dump writes as if somebody had set it, and"
                                                + " other servers may refuse that in a restore.")
                                : Finding.ok("client-tools", tool.toString()));
            } catch (BackupException e) {
                findings.add(
                        program.equals("psql")
                                ? Finding.warning(
                                        "client-tools",
                                        e.getMessage() + "; a backup does without, a restore does not",
                                        e.hint())
                                : Finding.error("client-tools", e));
            }
        }
        return findings;
    }
}

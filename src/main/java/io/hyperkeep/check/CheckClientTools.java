package io.hyperkeep.check;

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

    List<Finding> run(int serverMajor) {
        List<Finding> findings = new ArrayList<>();
        for (String program : PROGRAMS) {
            try {
                findings.add(Finding.ok(
                        "client-tools", tools.find(program, serverMajor).toString()));
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

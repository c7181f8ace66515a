package io.hyperkeep.cluster;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import java.time.Duration;

/** Runs pg_dumpall over what the databases of a server share: roles and tablespaces. Not thread-safe. */
public final class DumpGlobals {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final ClientTool pgDumpall;
    private final Connections server;
    private final String application;

    /**
     * @param server any of its databases
     * @param application what {@code pg_stat_activity} shows
     */
    public DumpGlobals(ClientTool pgDumpall, Connections server, String application) {
        this.pgDumpall = pgDumpall;
        this.server = server;
        this.application = application;
    }

    /**
     * Dumps.
     *
     * @param passwords whether with the roles' passwords, which only a superuser can read
     * @return SQL for psql
     * @throws io.hyperkeep.problem.BackupException CLIENT_TOOL when pg_dumpall fails; INTERRUPTED
     */
    public String run(boolean passwords) {
        String database = server.address().database().replace("\\", "\\\\").replace("'", "\\'");
        ClientProcess process = ClientProcess.connected(pgDumpall, server, application)
                .settings(server.withoutLoginTriggers())
                .arguments("--globals-only", "--database=dbname='" + database + "'")
                .timeout(TIMEOUT);
        if (!passwords) {
            process.arguments("--no-role-passwords");
        }
        return process.run().output();
    }
}

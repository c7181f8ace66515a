package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ClusterFiles;
import io.hyperkeep.cluster.DumpGlobals;
import io.hyperkeep.cluster.ListDatabases;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.jobs.ClusterBackupAttempt;
import io.hyperkeep.manifest.Warning;
import java.util.List;

/** Dumps what the databases share: roles with their passwords, memberships and settings, and tablespaces. */
public final class DumpGlobalsFile implements Phase<ClusterBackupAttempt> {
    @Override
    public void run(ClusterBackupAttempt attempt) {
        ListDatabases.Listed listed = attempt.listed();
        boolean wanted = attempt.plan().cluster().rolePasswords();
        boolean passwords = wanted && listed.passwords();
        if (wanted && !passwords) {
            attempt.warn(List.of(new Warning(
                    "role-passwords",
                    "the roles' passwords are not in the backup: only a superuser can read them. Set role-passwords to"
                            + " false when that is right")));
        }
        ClientTool pgDumpall = new ClientTools(attempt.plan().database())
                .find("pg_dumpall", serverMajor(listed.source().serverVersion()));
        String sql = new DumpGlobals(pgDumpall, attempt.connections(), "hyperkeep/" + attempt.run() + "/globals")
                .run(passwords);
        ClusterFiles files = new ClusterFiles(attempt.draft());
        files.globals(sql);
        attempt.globals(files, pgDumpall.version(), passwords);
    }

    /** Of {@code 17.11}, {@code 19devel}. */
    static int serverMajor(String version) {
        return Integer.parseInt(version.split("\\D", 2)[0]);
    }
}

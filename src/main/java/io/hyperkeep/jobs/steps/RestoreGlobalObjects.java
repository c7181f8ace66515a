package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ClusterFiles;
import io.hyperkeep.cluster.RestoreGlobals;
import io.hyperkeep.jobs.ClusterRestoreAttempt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what the databases share: roles, memberships, settings, tablespaces. */
public final class RestoreGlobalObjects implements Phase<ClusterRestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(RestoreGlobalObjects.class);

    @Override
    public void run(ClusterRestoreAttempt attempt) {
        RestoreGlobals restore = new RestoreGlobals(
                attempt.connections(),
                attempt.application() + "/globals",
                attempt.request().cluster().tablespaces(),
                log::info);
        attempt.warn(restore.run(
                attempt.backup().path().resolve(ClusterFiles.GLOBALS),
                attempt.cluster(),
                DumpGlobalsFile.serverMajor(attempt.manifest().source().serverVersion())));
    }
}

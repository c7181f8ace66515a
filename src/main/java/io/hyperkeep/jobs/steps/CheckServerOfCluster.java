package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ClusterTarget;
import io.hyperkeep.jobs.ClusterRestoreAttempt;
import io.hyperkeep.manifest.Cluster;
import java.util.List;

/** Makes sure that the target's server can take the cluster. */
public final class CheckServerOfCluster implements Phase<ClusterRestoreAttempt> {
    @Override
    public void run(ClusterRestoreAttempt attempt) {
        List<String> fresh = attempt.databases().values().stream()
                .map(Cluster.Database::name)
                .filter(name -> !attempt.parts().begun(attempt, name))
                .toList();
        new ClusterTarget(attempt.connections(), attempt.application() + "/prepare")
                .fits(attempt.cluster(), attempt.request().cluster(), fresh);
    }
}

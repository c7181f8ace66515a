package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.ClusterRestoreAttempt;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Fails the restore of a cluster that lacks a database. */
public final class EndCluster implements Phase<ClusterRestoreAttempt> {
    @Override
    public void run(ClusterRestoreAttempt attempt) {
        Map<String, String> failed = new TreeMap<>();
        attempt.notRestored()
                .forEach((unit, why) -> failed.put(attempt.databases().get(unit).name(), why));
        if (!failed.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    failed.size() + " of " + attempt.databases().size() + " databases could not be restored: "
                            + failed.entrySet().stream()
                                    .map(one -> one.getKey() + ": " + one.getValue())
                                    .collect(Collectors.joining("; ")),
                    "the others are whole; `hyperkeep runs restart " + attempt.run()
                            + "` restores only what is missing");
        }
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.retention.PrunePlan;
import java.util.List;

/**
 * How a prune ended.
 *
 * @param run how its run ended: {@code PRUNED}, {@code FAILED} or {@code STOPPED}
 * @param pruned what was deleted, for each database that was pruned whole
 * @param failures why each of the others was not; if none was begun, why the run failed; empty when it was stopped
 */
public record PruneOutcome(RunOutcome run, List<PrunePlan> pruned, List<BackupException> failures) {
    public PruneOutcome {
        pruned = List.copyOf(pruned);
        failures = List.copyOf(failures);
    }
}

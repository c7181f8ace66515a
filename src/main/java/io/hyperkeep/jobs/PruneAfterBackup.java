package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.retention.PrunePlan;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.retention.PruneRules;
import io.hyperkeep.runs.RunProgress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prunes a plan's backups by its rules, as a run of its own. Thread-safe. */
final class PruneAfterBackup implements Retain {
    private static final Logger log = LoggerFactory.getLogger(PruneAfterBackup.class);

    private final LaunchRun launch;

    PruneAfterBackup(LaunchRun launch) {
        this.launch = launch;
    }

    @Override
    public List<Warning> run(BackupPlan plan, RunProgress progress) {
        PruneRules rules = plan.retention();
        if (rules == null) {
            return List.of();
        }
        try {
            PruneRequest request =
                    new PruneRequest(plan.repository(), plan.database().name(), rules);
            return told(launch.prune(request, progress));
        } catch (RuntimeException e) {
            // the backup is sealed, and stays a success whatever becomes of older ones
            return List.of(failed("no prune could be started", Failures.of(e)));
        }
    }

    private static List<Warning> told(PruneOutcome outcome) {
        List<Warning> warnings = new ArrayList<>();
        for (PrunePlan pruned : outcome.pruned()) {
            log.info(
                    "prune run {}: deleted {} backups and {} data files",
                    outcome.run().run(),
                    pruned.going().size(),
                    pruned.garbage().size());
            warnings.addAll(pruned.warnings());
        }
        outcome.failures()
                .forEach(why -> warnings.add(failed(
                        "prune run " + outcome.run().run() + " "
                                + outcome.run().state().toLowerCase(java.util.Locale.ROOT),
                        why)));
        return warnings;
    }

    private static Warning failed(String what, BackupException why) {
        return new Warning(
                "prune-failed",
                "older backups were not all deleted that the plan does not keep: " + what + ": " + why.getMessage());
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.runs.RunProgress;
import java.util.List;

/** Removes the backups that a plan's retention does not keep, after a further one was sealed. Thread-safe. */
@FunctionalInterface
public interface Retain {
    /** Everything is kept. */
    Retain EVERYTHING = (plan, progress) -> List.of();

    /**
     * Does it, if the plan has rules.
     *
     * @return a warning when it could not be done, by name; the backup itself is sealed whatever becomes of older ones
     */
    List<Warning> run(BackupPlan plan, RunProgress progress);
}

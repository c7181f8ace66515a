package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.Run;
import io.hyperkeep.verify.VerifyRequest;
import org.jspecify.annotations.Nullable;

/**
 * A run that can be restarted, and what it was asked to do: one of these, by its job.
 *
 * @param run that did not come to its end
 * @param backup what a backup was asked to do, or null; without rules of retention, as those of now are what counts
 * @param restore what a restore was asked to do, or null
 * @param drill what a drill was asked to do, or null
 * @param prune what a prune was asked to do, or null
 * @param verify what a verification was asked to do, or null
 */
public record RestartableRun(
        Run run,
        @Nullable BackupPlan backup,
        @Nullable RestoreRequest restore,
        @Nullable DrillRequest drill,
        @Nullable PruneRequest prune,
        @Nullable VerifyRequest verify) {}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.restore.CheckBackup;
import io.hyperkeep.restore.CheckNames;
import io.hyperkeep.restore.CountCutRows;
import io.hyperkeep.restore.DescribeAlterations;
import io.hyperkeep.restore.PlanRestore;
import io.hyperkeep.restore.RestorePlan;
import io.hyperkeep.storage.FolderLocks;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what to restore, and reads every file that it needs against its checksum before the target is touched. */
public final class ReadManifest implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(ReadManifest.class);

    private final Clock clock;

    public ReadManifest(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void run(RestoreAttempt attempt) {
        // so that no prune takes it away meanwhile; its loss is no reason to stop, a missing file would be
        attempt.backup()
                .inRepository()
                .flatMap(folder -> new FolderLocks(folder, clock, log::info)
                        .acquireToRead("restore run " + attempt.run(), lost -> {}))
                .ifPresent(attempt::closing);
        int jobs = attempt.request().jobs();
        Manifest manifest = attempt.backup().manifest();
        if (manifest.dump() != null) {
            RestorePlan whole = PlanRestore.whole(
                    manifest, attempt.request().selection(), attempt.request().options());
            new CheckBackup(attempt.backup(), attempt.progress()).run(whole, jobs);
            attempt.planned(whole);
            return;
        }
        RestorePlan plan = PlanRestore.run(
                manifest, attempt.request().selection(), attempt.request().options());
        new CheckBackup(attempt.backup(), attempt.progress()).run(plan, jobs);
        plan = new CheckNames(attempt.backup()).run(plan);
        plan = new CountCutRows(attempt.backup()).run(plan, jobs);
        DescribeAlterations.of(plan).forEach(log::info);
        attempt.warn(plan.warnings());
        attempt.planned(plan);
    }
}

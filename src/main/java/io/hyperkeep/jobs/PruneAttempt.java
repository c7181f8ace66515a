package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.retention.PrunePlan;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.DatabaseFolder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What the steps of one prune hand to each other. */
public final class PruneAttempt extends Attempt {
    private final PruneRequest request;
    private volatile Map<String, DatabaseFolder> folders = Map.of();
    private final List<PrunePlan> pruned = new CopyOnWriteArrayList<>();
    private final List<BackupException> failures = new CopyOnWriteArrayList<>();

    PruneAttempt(PruneRequest request, RunProgress progress, @Nullable Long restarts) {
        super(progress, restarts);
        this.request = request;
    }

    public PruneRequest request() {
        return request;
    }

    /** What to prune, one after the other, by the unit's id. */
    public void planned(Map<String, DatabaseFolder> byUnit) {
        this.folders = byUnit;
    }

    public Map<String, DatabaseFolder> folders() {
        return folders;
    }

    /** What was deleted of one database. */
    public void pruned(PrunePlan plan) {
        pruned.add(plan);
    }

    List<PrunePlan> pruned() {
        return List.copyOf(pruned);
    }

    /** One database could not be pruned, or not whole; that keeps nobody from the others. */
    public void notPruned(BackupException why) {
        failures.add(why);
    }

    List<BackupException> failures() {
        return List.copyOf(failures);
    }

    List<Warning> warnings() {
        return pruned.stream().flatMap(plan -> plan.warnings().stream()).toList();
    }

    @Override
    RunRecords.Begin record() {
        return new RunRecords.Begin(
                run(),
                PruneJob.NAME,
                LaunchBatchRun.oneOrAll(request.database()),
                request.plan(),
                request.repository(),
                restarts(),
                request);
    }

    @Override
    void cancel() {
        // it waits for no server
    }

    @Override
    void cutOff() {
        // it has no connections
    }
}

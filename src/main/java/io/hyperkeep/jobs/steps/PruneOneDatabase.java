package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.PruneAttempt;
import io.hyperkeep.jobs.steps.RecordUnit.Done;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.retention.Prune;
import io.hyperkeep.retention.PrunePlan;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLocks;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prunes the backups of one database: locked, decided, unsealed and swept in one go, because what was decided holds only
 * under that lock.
 */
public final class PruneOneDatabase {
    private static final Logger log = LoggerFactory.getLogger(PruneOneDatabase.class);

    private final RecordUnit record;
    private final Clock clock;

    public PruneOneDatabase(RunRecords records, Clock clock) {
        this.record = new RecordUnit(records);
        this.clock = clock;
    }

    /** What is recorded of a database that was pruned. */
    record Pruned(int backups, int unfinished, int files, long bytes) {}

    /**
     * Prunes it.
     *
     * @param id one of the attempt's units
     */
    public void run(PruneAttempt attempt, String id) throws Exception {
        DatabaseFolder folder = Objects.requireNonNull(attempt.folders().get(id), "no unit of the plan");
        try {
            record.run(attempt, id, tries -> {
                PrunePlan done = prune(attempt, folder);
                attempt.pruned(done);
                return new Done(
                        0,
                        done.bytes(),
                        new Pruned(
                                done.going().size(),
                                done.unfinished().size(),
                                done.garbage().size(),
                                done.bytes()));
            });
        } catch (BackupException e) {
            if (!attempt.isStopping()) {
                attempt.notPruned(e);
            }
            throw e;
        }
    }

    private PrunePlan prune(PruneAttempt attempt, DatabaseFolder folder) throws Exception {
        Prune prune = new Prune(
                folder,
                new FolderLocks(folder, clock, log::info),
                attempt.request().rules(),
                clock);
        AtomicReference<PrunePlan> done = new AtomicReference<>();
        attempt.interruptibly(() -> done.set(prune.run("prune run " + attempt.run(), attempt.progress())));
        return done.get();
    }
}

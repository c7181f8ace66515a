package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.OpenRepository;
import io.hyperkeep.storage.Repository;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps others from the database's folder in the repository: another server's database of the same name would write the
 * same files, and a prune would delete what this run is going to refer to. Nothing of earlier runs may be looked at
 * before.
 */
public final class LockRepository implements Phase<BackupAttempt> {
    private static final Logger log = LoggerFactory.getLogger(LockRepository.class);

    private final OpenRepository repositories;
    private final Clock clock;

    public LockRepository(OpenRepository repositories, Clock clock) {
        this.repositories = repositories;
        this.clock = clock;
    }

    @Override
    public void run(BackupAttempt attempt) {
        BackupPlan plan = attempt.plan();
        Repository repository = repositories.openOrCreate(plan.repository());
        DatabaseFolder folder = repository.database(FileNames.of(plan.database().name()));
        attempt.locked(
                repository,
                new FolderLocks(folder, clock, log::info)
                        .acquire(FolderUse.BACKUP, "backup run " + attempt.run(), attempt::abort));
    }
}

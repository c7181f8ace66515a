package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.Repository;

/** Opens the folder that the archive goes into. */
public final class BeginDraft implements Phase<BackupAttempt> {
    private final RunRecords records;

    public BeginDraft(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(BackupAttempt attempt) {
        Repository repository = Repository.openOrCreate(attempt.plan().repository());
        attempt.drafted(new OpenDraft(records).run(attempt, repository));
    }
}

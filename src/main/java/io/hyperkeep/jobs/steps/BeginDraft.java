package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.runs.RunRecords;

/** Opens the folder that the archive goes into. */
public final class BeginDraft implements Phase<BackupAttempt> {
    private final RunRecords records;

    public BeginDraft(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(BackupAttempt attempt) {
        attempt.drafted(new OpenDraft(records).run(attempt, attempt.repository()));
    }
}

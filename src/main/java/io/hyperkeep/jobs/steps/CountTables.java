package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.CountRows;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.verify.SnapshotReaders;

/** Counts the rows that were dumped: pg_dump does not, and a restore has to be compared with something. */
public final class CountTables implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) {
        attempt.counted(new CountRows(attempt.progress())
                .run(
                        attempt.source().inventory().tables(),
                        new SnapshotReaders(attempt.source().sessions()),
                        attempt.plan().jobs()));
    }
}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.SealDatabase;
import io.hyperkeep.jobs.BackupAttempt;

/** Makes a backup of the archive. */
public final class SealArchive implements Phase<BackupAttempt> {
    private final SealDatabase seal;

    public SealArchive(SealDatabase seal) {
        this.seal = seal;
    }

    @Override
    public void run(BackupAttempt attempt) {
        // what was dumped and counted, was under this snapshot to the end
        attempt.source().sessions().requireAlive();
        attempt.lock().requireHeld();
        UnchangedDefinitions.require(attempt);
        attempt.sealed(seal.seal(
                attempt.draft(),
                new SealDatabase.Facts(
                        attempt.run(),
                        attempt.plan().name(),
                        attempt.started(),
                        attempt.source().sessions().snapshot(),
                        attempt.source().inventory(),
                        attempt.sequences(),
                        attempt.rows(),
                        attempt.dump(),
                        attempt.warnings())));
    }
}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.NewTarget;
import io.hyperkeep.archive.RestoringMode;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.problem.BackupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a new database that a whole one can be restored into, for this run alone. */
public final class LockNewTarget implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(LockNewTarget.class);

    @Override
    public void run(RestoreAttempt attempt) {
        NewTarget target = new NewTarget(attempt.connections(), attempt.application(), attempt.plan(), log::info);
        target.serverFits();
        log.info(
                "pg_restore can not go on where it ended: if this restore fails, a restart drops database {} and creates"
                        + " it anew",
                attempt.connections().address().database());
        NewTarget.Locked locked = target.lock(attempt.request().createDatabase());
        attempt.locked(attempt.closing(locked.lock()));
        try {
            attempt.warn(target.prepare());
        } catch (BackupException e) {
            if (locked.created()) {
                takeBack(attempt, target);
            }
            throw e;
        }
        Source.Timescale timescale = attempt.plan().manifest().source().timescale();
        if (timescale != null) {
            RestoringMode mode = new RestoringMode(
                    attempt.connections(), attempt.application() + "/restoring", timescale.schema(), log::warn);
            attempt.restoring(mode);
            mode.enter();
        }
    }

    /** A refusal does not leave the database behind that was created for it. */
    private static void takeBack(RestoreAttempt attempt, NewTarget target) {
        attempt.lock().close();
        try {
            target.drop();
        } catch (BackupException stays) {
            log.warn("the new, empty database was not taken back: {}", stays.text());
        }
    }
}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.PrepareTarget;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes this the only run that works on the target, and makes sure that the target exists and fits. */
public final class LockTarget implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(LockTarget.class);

    @Override
    public void run(RestoreAttempt attempt) {
        PrepareTarget prepare = new PrepareTarget(attempt.connections(), attempt.application());
        if (attempt.request().createDatabase()) {
            prepare.createDatabase(attempt.plan());
        }
        DatabaseLock lock =
                attempt.closing(DatabaseLock.acquire(attempt.connections(), attempt.application() + "/lock"));
        attempt.locked(lock);
        List<String> ended = prepare.endFormer(lock);
        if (!ended.isEmpty()) {
            log.warn("an earlier run left sessions at work in the target, which were ended: {}", ended);
        }
        PrepareTarget.Prepared prepared = prepare.run(attempt.plan());
        if (prepared.continued()) {
            log.info("the target holds a part of this restore already, from an earlier run: going on with it");
        }
        attempt.warn(prepared.warnings());
    }
}

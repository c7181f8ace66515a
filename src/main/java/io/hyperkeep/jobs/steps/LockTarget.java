package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.MissingTablespaces;
import io.hyperkeep.restore.PrepareTarget;
import io.hyperkeep.runs.RunQueries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes this the only run that works on the target, and makes sure that the target exists and fits. */
public final class LockTarget implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(LockTarget.class);

    private final RunQueries runs;
    private final String lastPhase;

    /** @param lastPhase an attempt that began it had everything in the target, and had compared it */
    public LockTarget(RunQueries runs, String lastPhase) {
        this.runs = runs;
        this.lastPhase = lastPhase;
    }

    @Override
    public void run(RestoreAttempt attempt) {
        PrepareTarget prepare = new PrepareTarget(attempt.connections(), attempt.application());
        boolean created = attempt.request().createDatabase() && prepare.createDatabase(attempt.plan());
        DatabaseLock lock =
                attempt.closing(DatabaseLock.acquire(attempt.connections(), attempt.application() + "/lock"));
        attempt.locked(lock);
        List<String> ended = prepare.endFormer(lock);
        if (!ended.isEmpty()) {
            log.warn("an earlier run left sessions at work in the target, which were ended: {}", ended);
        }
        if (cameToTheLastPhase(attempt.earlierRuns()) && prepare.isWhole(attempt.plan())) {
            log.info("an earlier run had restored everything, but its end was not recorded: comparing again");
            // what that run warned of on its way was not recorded either
            attempt.warn(List.of(new Warning(
                    "end-not-recorded",
                    "an earlier run had restored everything and ended before that was recorded; this one only compared,"
                            + " and what that one warned of is in its log alone")));
            attempt.foundWhole();
            return;
        }
        PrepareTarget.Prepared prepared = created ? fitting(attempt, prepare) : prepared(attempt, prepare);
        if (prepared.continued()) {
            log.info("the target holds a part of this restore already, from an earlier run: going on with it");
        }
        attempt.planned(prepared.plan());
        attempt.warn(prepared.warnings());
    }

    private static PrepareTarget.Prepared prepared(RestoreAttempt attempt, PrepareTarget prepare) {
        try (Connection connection = attempt.connections().open(attempt.application() + "/prepare")) {
            MissingTablespaces missing = MissingTablespaces.of(attempt.backup(), attempt.plan(), connection);
            missing.require(attempt.plan());
            PrepareTarget.Prepared prepared = prepare.run(attempt.plan());
            attempt.warn(missing.warnings());
            return prepared;
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the tablespaces of " + attempt.connections().address(), e);
        }
    }

    /** Prepares a database that this attempt has just created; a refusal does not leave it behind. */
    private static PrepareTarget.Prepared fitting(RestoreAttempt attempt, PrepareTarget prepare) {
        try {
            return prepared(attempt, prepare);
        } catch (BackupException e) {
            if (e.problem() == Problem.UNSUITABLE || e.problem() == Problem.DENIED) {
                attempt.lock().close();
                try {
                    prepare.dropDatabase();
                } catch (BackupException stays) {
                    log.warn("the new, empty database was not taken back: {}", stays.text());
                }
            }
            throw e;
        }
    }

    private boolean cameToTheLastPhase(List<Long> earlierRuns) {
        return earlierRuns.stream()
                .flatMap(run -> runs.show(run).stream())
                .flatMap(run -> run.steps().stream())
                .anyMatch(step -> step.step().equals(lastPhase));
    }
}

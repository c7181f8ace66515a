package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.CompareArchive;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.JobState;
import io.hyperkeep.verify.OwnReaders;
import java.sql.SQLException;
import java.util.List;

/** Proves that the new database has what the dumped one had. */
public final class CompareWhole implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        try {
            List<Finding> differences = new CompareArchive(
                            new OwnReaders(attempt.connections(), attempt.application() + "/compare"),
                            new ClientTools(attempt.request().target()),
                            attempt.progress(),
                            attempt.backup().path(),
                            attempt.plan().manifest(),
                            attempt.request().options().archive().noOwner())
                    .run(attempt.request().jobs(), JobState.OFF);
            if (!differences.isEmpty()) {
                throw Finding.failure(
                        Problem.MISMATCH,
                        "what is in database " + attempt.connections().address().database()
                                + " is not what is in backup "
                                + attempt.plan().manifest().id(),
                        differences,
                        "do not use this database; the schema hyperkeep in it marks it as unfinished");
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read " + attempt.connections().address(), e);
        }
    }
}

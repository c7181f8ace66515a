package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.MissingStatistics;
import io.hyperkeep.archive.RestoreArchive;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.FinishRestore;
import io.hyperkeep.restore.LendSearchPath;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the planner its statistics: those of the archive where it has some that the server takes, else new ones. */
public final class AnalyzeWhole implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(AnalyzeWhole.class);

    @Override
    public void run(RestoreAttempt attempt) {
        statistics(attempt);
        new LendSearchPath(attempt.connections(), attempt.application(), attempt.plan()).takeBack();
        // nothing is left that they could fire on
        RestoreEntriesOf.archive(attempt).eventTriggers();
    }

    private static void statistics(RestoreAttempt attempt) {
        FinishRestore finish = new FinishRestore(attempt.connections(), attempt.application());
        int jobs = attempt.request().jobs();
        RestoreArchive archive = RestoreEntriesOf.archive(attempt);
        try (Connection connection = attempt.connections().open(attempt.application() + "/statistics")) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            if (!archive.hasStatistics() || !MissingStatistics.canBeBrought(connection, server)) {
                attempt.warn(finish.analyze(attempt.plan(), jobs));
            } else if (taken(archive)) {
                List<TableName> missing = MissingStatistics.find(connection, server);
                attempt.warn(finish.analyze(missing, jobs));
            } else {
                attempt.warn(finish.analyze(attempt.plan(), jobs));
            }
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot look at " + attempt.connections().address(), e);
        }
    }

    /** A restore must not fail for what can be gathered anew. */
    private static boolean taken(RestoreArchive archive) {
        try {
            archive.statistics();
            return true;
        } catch (BackupException e) {
            if (e.problem() != Problem.CLIENT_TOOL || e.isPassing()) {
                throw e;
            }
            log.info("the server did not take the archive's statistics, so everything is analyzed: {}", e.getMessage());
            return false;
        }
    }
}

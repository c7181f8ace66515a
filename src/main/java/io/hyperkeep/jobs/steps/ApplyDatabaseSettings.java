package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.restore.RestoreProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a new database the owner, settings and rights of the one that was backed up; one that was there before keeps its
 * own.
 */
public final class ApplyDatabaseSettings implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(ApplyDatabaseSettings.class);

    @Override
    public void run(RestoreAttempt attempt) {
        DatabaseProperties source = attempt.plan().manifest().properties();
        if (source == null) {
            return;
        }
        if (attempt.request().createDatabase() || attempt.request().options().databaseSettings()) {
            attempt.warn(
                    new RestoreProperties(attempt.connections(), attempt.application() + "/properties").run(source));
        } else if (!RestoreProperties.isPlain(source)) {
            log.info("settings and rights of the source's database are not applied to a database that was there before;"
                    + " --database-settings does");
        }
    }
}

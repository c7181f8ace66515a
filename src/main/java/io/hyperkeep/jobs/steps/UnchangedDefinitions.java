package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.export.ChangedDefinitions;
import io.hyperkeep.jobs.BackupAttempt;
import java.sql.Connection;
import java.sql.SQLException;

/** What a backup is sealed under: the definitions that its values were written by are still those of its snapshot. */
final class UnchangedDefinitions {
    private UnchangedDefinitions() {}

    static void require(BackupAttempt attempt) {
        try (Connection now = attempt.connections().open("hyperkeep/" + attempt.run() + "/seal")) {
            attempt.source().sessions().withHolder(snapshot -> {
                ChangedDefinitions.refuse(snapshot, now);
                return null;
            });
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }
}

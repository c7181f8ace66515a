package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ChooseDatabases;
import io.hyperkeep.cluster.ListDatabases;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.ClusterBackupAttempt;
import io.hyperkeep.plan.DatabaseSelection;
import java.sql.Connection;
import java.sql.SQLException;

/** Finds the databases of a server, and chooses those to back up. */
public final class FindDatabases implements Phase<ClusterBackupAttempt> {
    @Override
    public void run(ClusterBackupAttempt attempt) {
        Connections connections = attempt.connections();
        String application = "hyperkeep/" + attempt.run() + "/discover";
        DatabaseSelection selection = attempt.plan().cluster().databases();
        try (Connection connection = connections.open(application)) {
            ListDatabases.Listed listed = new ListDatabases().read(connection);
            ChooseDatabases.Chosen chosen = ChooseDatabases.run(listed.databases(), selection);
            attempt.warn(chosen.warnings());
            attempt.found(listed, chosen);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the databases of " + connections.address(), e);
        }
        if (selection.selects("template1")) {
            ListDatabases.ownTemplate(connections, application)
                    .ifPresent(warning -> attempt.warn(java.util.List.of(warning)));
        }
    }
}

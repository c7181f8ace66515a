package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.RefuseLosses;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverUndumped;
import io.hyperkeep.jobs.BackupAttempt;
import java.sql.SQLException;

/** Refuses a database of which pg_dump would lose something, or names it, before it is dumped. */
public final class CheckLosses implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) {
        BackupAttempt.Source source = attempt.source();
        try {
            attempt.warn(source.sessions().withHolder(holder -> new RefuseLosses().run(holder, source.server())));
            attempt.warn(source.sessions().withHolder(holder -> new DiscoverUndumped().run(holder, table -> true)));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot look for what would be lost of "
                            + attempt.connections().address(),
                    e);
        }
    }
}

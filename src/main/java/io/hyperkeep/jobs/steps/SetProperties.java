package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.ApplyProperties;
import io.hyperkeep.archive.AwaitScheduler;
import io.hyperkeep.archive.WriteArchive;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.restore.JobsAtEnd;
import java.util.Objects;

/** Gives the new database the settings and rights of the one that was dumped. */
public final class SetProperties implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) throws InterruptedException {
        String application = attempt.application() + "/properties";
        if (attempt.request().options().jobs() != JobsAtEnd.OFF
                && attempt.plan().jobs().stream().anyMatch(JobEntry::scheduled)) {
            attempt.warn(new AwaitScheduler(attempt.connections(), application).run());
        }
        ApplyProperties apply = new ApplyProperties(
                RestoreEntriesOf.tool(attempt, "psql"),
                attempt.connections(),
                application,
                attempt.backup().path().resolve(WriteArchive.PROPERTIES));
        DatabaseProperties properties =
                Objects.requireNonNull(attempt.plan().manifest().dump()).properties();
        if (attempt.request().options().archive().noOwner()) {
            apply.ownedByUser(properties);
        } else {
            apply.run(properties);
        }
    }
}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.ArchiveTablespaces;
import io.hyperkeep.archive.NewTarget;
import io.hyperkeep.archive.RestoringMode;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.restore.MissingTablespaces;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a new database that a whole one can be restored into, for this run alone. */
public final class LockNewTarget implements Phase<RestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(LockNewTarget.class);

    @Override
    public void run(RestoreAttempt attempt) {
        NewTarget target = new NewTarget(attempt.connections(), attempt.application(), attempt.plan(), log::info);
        target.serverFits();
        MissingTablespaces missing = missing(attempt);
        missing.require(attempt.plan());
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
        if (!missing.objects().isEmpty()) {
            attempt.leaveOutTablespaces();
            attempt.warn(missing.warnings());
        }
        Source.Timescale timescale = attempt.plan().manifest().source().timescale();
        if (timescale != null) {
            RestoringMode mode = new RestoringMode(
                    attempt.connections(), attempt.application() + "/restoring", timescale.schema(), log::warn);
            attempt.restoring(mode);
            mode.enter();
        }
    }

    /** pg_restore leaves out all tablespaces or none; so with one that is missing, what is in the others goes along. */
    private static MissingTablespaces missing(RestoreAttempt attempt) {
        if (!attempt.usesTablespaces()) {
            return MissingTablespaces.NONE;
        }
        DatabaseDump dump = Objects.requireNonNull(attempt.plan().manifest().dump());
        // the archive was written by a program of this version, so one that reads it is found without the server's
        Map<String, List<String>> all = ArchiveTablespaces.of(
                new ClientTools(attempt.request().target()).find("pg_restore", dump.major()),
                attempt.backup().path().resolve(dump.format().archive()));
        attempt.plan().manifest().tables().forEach(table -> {
            if (table.hypertable() != null) {
                table.hypertable().tablespaces().forEach(tablespace -> all.computeIfAbsent(
                                tablespace, of -> new ArrayList<>())
                        .add("new chunks of hypertable " + table.name()));
            }
        });
        if (all.isEmpty()) {
            return MissingTablespaces.NONE;
        }
        try (Connection connection = attempt.connections()
                .withDatabase(NewTarget.maintenance(attempt.connections().address()))
                .open(attempt.application() + "/prepare")) {
            return MissingTablespaces.ofArchive(all, MissingTablespaces.there(connection));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the tablespaces of " + attempt.connections().address(), e);
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

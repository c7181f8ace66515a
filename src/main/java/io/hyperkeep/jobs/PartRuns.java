package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.runs.Run;
import java.util.Optional;

/** Runs the parts of a run, of which each is a run of its own that stops with the whole. Thread-safe. */
public interface PartRuns {
    /** The part of an earlier attempt at the whole that came to its end, by the database that it is of. */
    Optional<Run> done(Attempt whole, String database);

    /** Whether an earlier attempt at the whole began the part of this database. */
    boolean begun(Attempt whole, String database);

    /**
     * Backs up one database, to its end: goes on with what an earlier attempt at the whole began of it.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started
     */
    RunOutcome backup(Attempt whole, BackupPlan part);

    /**
     * Restores one database, to its end, as {@link #backup} backs up.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started
     */
    RunOutcome restore(Attempt whole, RestoreRequest part);
}

package io.hyperkeep.check;

import io.hyperkeep.export.LockBudget;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.problem.BackupException;
import java.sql.SQLException;
import java.util.List;

/** Compares the locks that a backup takes with the room in the server's lock table. */
final class CheckLockBudget implements Check {
    private static final String NAME = "lock-budget";

    @Override
    public List<Finding> run(Subject subject) throws SQLException {
        LockBudget budget = LockBudget.read(subject.connection(), subject.relationsToLock());
        return List.of(
                subject.request().lock() == LockMode.LIGHT
                        ? Finding.ok(NAME, "lock light: no lock outlives its unit")
                        : judge(budget, subject.database(), subject.request().jobs()));
    }

    static Finding judge(LockBudget budget, String database, int jobs) {
        // the holder of the snapshot, and pg_dump
        int sessions = jobs + 2;
        try {
            budget.requireFits(database);
        } catch (BackupException e) {
            return Finding.error(NAME, e);
        }
        String relations = Listed.count(budget.relations(), "relation") + " to lock in " + sessions + " sessions";
        String room = "the server's lock table has room for " + budget.capacity();
        return budget.fits(sessions)
                ? Finding.ok(NAME, relations + "; " + room)
                : Finding.warning(
                        NAME,
                        relations + ", but " + room + ": one session will hold the locks for all, and a chunk that"
                                + " somebody waits to change can stop the workers",
                        "raise max_locks_per_transaction from " + budget.perTransaction() + " to at least "
                                + budget.perTransactionFor(sessions) + " and restart the server, or use fewer --jobs.");
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.jobs.PruneOutcome;
import io.hyperkeep.jobs.RestartableRun;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.jobs.VerifyOutcome;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.RunProgress;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code runs restart}: tries a run again as it was asked for, to its end. */
@Command(
        name = "restart",
        description = "Try a run again that failed or was stopped, as it was asked for, and wait for the end.")
final class RunsRestartCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "RUN", description = "A run's number.")
    long run;

    @Mixin
    AccessOptions access = new AccessOptions();

    RunsRestartCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        return new RunInForeground(session).run(this::restart).getAsInt();
    }

    /** Restarts it, and answers how to tell its end. */
    private IntSupplier restart(Engine engine, RunProgress progress) {
        RestartableRun found = engine.launch().restartable(run);
        if (found.prune() != null) {
            requireSameRules(found.prune());
            PruneOutcome outcome = engine.launch().restartPrune(run, found.prune(), progress);
            return () -> new ReportPrune(session).done(outcome);
        }
        if (found.verify() != null) {
            VerifyOutcome outcome = engine.launch().restartVerify(run, found.verify(), progress);
            return () -> ReportVerified.end(session, outcome);
        }
        RunOutcome outcome = restart(found, engine, progress);
        return () -> new ReportOutcome(session).print(outcome);
    }

    private RunOutcome restart(RestartableRun found, Engine engine, RunProgress progress) {
        DatabaseAccess reach = access.access(session.surroundings().environment());
        if (found.restore() != null) {
            RestoreRequest request = found.restore();
            return engine.launch()
                    .restartRestore(
                            run, request.withTarget(session.databases().reach(request.target(), reach)), progress);
        }
        if (found.drill() != null) {
            DrillRequest request = found.drill();
            return engine.launch()
                    .restartDrill(
                            run, request.withServer(session.databases().reach(request.server(), reach)), progress);
        }
        BackupPlan plan = Objects.requireNonNull(found.backup(), "a run is of one of the jobs");
        if (plan.name() != null) {
            plan = plan.withRetention(requireSame(plan, plan.name()).retention());
        }
        return engine.plans()
                .restart(run, plan.withDatabase(session.databases().reach(plan.database(), reach)), progress);
    }

    /** What a plan does not say any more, nobody wants to be deleted. */
    private void requireSameRules(PruneRequest recorded) {
        String plan = recorded.plan();
        if (plan == null) {
            return;
        }
        boolean same = session.configuration().plans().containsKey(plan)
                && session.plans().pruneRequest(plan, PlanLayer.EMPTY).equals(recorded);
        if (!same) {
            throw new BackupException(
                    Problem.CONFIGURATION,
                    "run " + run + " can not be restarted: it pruned by other rules, or elsewhere, than plan '" + plan
                            + "' says now",
                    "`hyperkeep prune " + plan + " --dry-run` says what would go by now.");
        }
    }

    /** A plan by its name now: another database or repository is another backup, everything else is worth a word. */
    private BackupPlan requireSame(BackupPlan recorded, String name) {
        if (!session.configuration().plans().containsKey(name)) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "run " + run + " can not be restarted: its plan '" + name
                            + "' is not in the configuration any more",
                    "configure it again, or start a new run with --database and --repository.");
        }
        BackupPlan now = session.plans().named(name, PlanLayer.EMPTY, DatabaseAccess.NONE);
        if (!place(now).equals(place(recorded))) {
            throw new BackupException(
                    Problem.CONFIGURATION,
                    "run " + run + " can not be restarted: plan '" + name + "' is of " + place(now)
                            + " now, and was of " + place(recorded),
                    "`hyperkeep backup " + name + "` starts a new run.");
        }
        if (!now.withDatabase(recorded.database()).withRetention(null).equals(recorded)) {
            session.note("run " + run + " is restarted as it was asked for; plan '" + name
                    + "' says something else now, or options were given beside it"
                    + System.lineSeparator()
                    + "HINT: `hyperkeep backup " + name
                    + (now.makesSameBackupAs(recorded)
                            ? " --restart-failed` restarts it as the plan is now."
                            : "` makes the backup that the plan describes now."));
        }
        return now;
    }

    private static String place(BackupPlan plan) {
        return plan.database().address() + " in " + plan.repository();
    }
}

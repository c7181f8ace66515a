package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.jobs.RestartableRun;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.runs.RunProgress;
import java.util.Objects;
import java.util.concurrent.Callable;
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
        return new ReportOutcome(session).print(new RunInForeground(session).run(this::restart));
    }

    private RunOutcome restart(Engine engine, RunProgress progress) {
        RestartableRun found = engine.launch().restartable(run);
        DatabaseAccess reach = access.access(session.surroundings().environment());
        if (found.backup() != null) {
            BackupPlan plan = found.backup();
            return engine.launch()
                    .restartBackup(run, plan.withDatabase(session.databases().reach(plan.database(), reach)), progress);
        }
        RestoreRequest request = Objects.requireNonNull(found.restore(), "a run is a backup or a restore");
        return engine.launch()
                .restartRestore(run, request.withTarget(session.databases().reach(request.target(), reach)), progress);
    }
}

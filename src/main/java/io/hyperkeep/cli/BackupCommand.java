package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProgress;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code backup}: one backup, to its end. */
@Command(
        name = "backup",
        description = "Back up a plan, or a database into a repository, and wait for the end.",
        customSynopsis = {
            "hyperkeep backup PLAN [OPTIONS]",
            "       hyperkeep backup --database URI --repository DIR [OPTIONS]"
        })
final class BackupCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "A configured plan.")
    @Nullable
    String plan;

    @Mixin
    PlanOptions options = new PlanOptions();

    @Mixin
    AccessOptions access = new AccessOptions();

    @Option(
            names = "--restart-failed",
            description = "If the last run of this backup failed or was stopped, restart it instead of a new run.")
    boolean restartFailed;

    @Option(names = "--dry-run", description = "Say what would be backed up, and do nothing.")
    boolean dryRun;

    BackupCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        BackupPlan whole = resolve();
        if (dryRun) {
            try (Engine engine = session.startEngine()) {
                return new ReportPlan(session).print(engine.launch().planBackup(whole), "backed up", "ON DISK>");
            }
        }
        return new ReportOutcome(session)
                .print(new RunInForeground(session).run((engine, progress) -> run(engine, whole, progress)));
    }

    private RunOutcome run(Engine engine, BackupPlan whole, RunProgress progress) {
        Optional<Run> last = engine.control().restartableInsteadOf(whole);
        last.ifPresent(this::tell);
        return restartFailed && last.isPresent()
                ? engine.plans().restart(last.get().run(), whole, progress)
                : engine.plans().backup(whole, progress);
    }

    private void tell(Run last) {
        String how =
                switch (last.state()) {
                    case "STOPPED" -> "was stopped";
                    case "SKIPPED" -> "was skipped";
                    default -> "failed: " + RunsList.firstLine(last.failure());
                };
        session.note("the last run of this backup, run " + last.run() + ", " + how + System.lineSeparator()
                + (restartFailed
                        ? "run " + last.run() + " is restarted"
                        : "HINT: this is a new run; `hyperkeep runs restart " + last.run()
                                + "`, or --restart-failed, would have gone on with that one."));
    }

    private BackupPlan resolve() {
        DatabaseAccess reach = access.access(session.surroundings().environment());
        if (plan == null) {
            return session.plans().given(options.layer(), reach);
        }
        options.refuseBeside(plan);
        return session.plans().named(plan, options.layer(), reach);
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.plan.BackupPlan;
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
        return new ReportOutcome(session).print(new RunInForeground(session).run((engine, progress) -> engine.launch()
                .backup(whole, progress)));
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

package io.hyperkeep.cli;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.retention.PlanPrune;
import io.hyperkeep.retention.PrunePlan;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.retention.PruneRules;
import io.hyperkeep.storage.DatabaseFolder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code prune}: deletes the backups that no rule keeps, and the files that no backup needs. */
@Command(
        name = "prune",
        description = "Delete the backups that no rule keeps, and every file that no backup needs any more.",
        customSynopsis = {
            "hyperkeep prune PLAN [OPTIONS]",
            "       hyperkeep prune --repository DIR [--database NAME] --keep-… [OPTIONS]"
        })
final class PruneCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "A configured plan.")
    @Nullable
    String plan;

    @Mixin
    LocationOptions location = new LocationOptions();

    @Mixin
    RetentionOptions retention = new RetentionOptions();

    @Option(names = "--dry-run", description = "Say what would stay and what would go, and do nothing.")
    boolean dryRun;

    PruneCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        PruneRequest request = request();
        List<DatabaseFolder> folders = request.folders();
        ReportPrune report = new ReportPrune(session);
        return dryRun
                ? report.planned(plan(request, folders))
                : report.done(new RunInForeground(session)
                        .run((engine, progress) -> engine.launch().prune(request, progress)));
    }

    private List<PrunePlan> plan(PruneRequest request, List<DatabaseFolder> folders) {
        Clock clock = session.surroundings().clock();
        return new RunInForeground(session).work("prune", progress -> folders.stream()
                .map(folder -> new PlanPrune(folder, request.rules(), clock).run())
                .toList());
    }

    private PruneRequest request() {
        PruneRequest request = plan != null ? ofPlan(plan) : ofRepository();
        if (request.rules().backups().isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    "nothing says which backups to keep" + (plan == null ? "" : " of plan '" + plan + "'"),
                    "give at least one of --keep-last, --keep-within, --keep-hourly, --keep-daily, --keep-weekly,"
                            + " --keep-monthly and --keep-yearly, or the same keys under retention in the configuration;"
                            + " --keep-minimum alone is no rule.");
        }
        return request;
    }

    private PruneRequest ofPlan(String name) {
        if (location.repository != null || location.database != null) {
            throw new BackupException(
                    Problem.USAGE,
                    "plan '" + name + "' has its own database and repository",
                    "give either a plan, or --repository and --database.");
        }
        return session.plans().pruneRequest(name, retention.layer());
    }

    private PruneRequest ofRepository() {
        Path root = session.plans().repository(location.repository);
        if (root == null) {
            throw new BackupException(
                    Problem.USAGE, "a repository is missing", "name a plan, or give --repository DIR.");
        }
        PruneRules rules = session.plans().pruneRules(null, retention.layer());
        return new PruneRequest(root, new FindBackup(session).database(location), rules);
    }
}

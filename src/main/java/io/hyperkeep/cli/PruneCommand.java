package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.retention.PlanPrune;
import io.hyperkeep.retention.Prune;
import io.hyperkeep.retention.PrunePlan;
import io.hyperkeep.retention.PruneRules;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
        PruneRules rules = rules();
        List<DatabaseFolder> folders = folders();
        List<PrunePlan> done = new ArrayList<>();
        List<BackupException> failures = new ArrayList<>();
        new RunInForeground(session).work("prune", progress -> {
            for (DatabaseFolder folder : folders) {
                try {
                    done.add(prune(folder, rules, progress));
                } catch (BackupException e) {
                    failures.add(e);
                    if (e.problem() == Problem.INTERRUPTED) {
                        break;
                    }
                }
            }
            return done;
        });
        return new ReportPrune(session).print(done, dryRun, failures);
    }

    private PrunePlan prune(DatabaseFolder folder, PruneRules rules, RunProgress progress) {
        Clock clock = session.surroundings().clock();
        if (dryRun) {
            return new PlanPrune(folder, rules, clock).run();
        }
        FolderLocks locks =
                new FolderLocks(folder, clock, session.surroundings().screen()::line);
        return new Prune(folder, locks, rules, clock).run("a prune", progress);
    }

    private PruneRules rules() {
        PruneRules rules = session.plans().pruneRules(plan, retention.layer());
        if (rules.backups().isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    "nothing says which backups to keep" + (plan == null ? "" : " of plan '" + plan + "'"),
                    "give at least one of --keep-last, --keep-within, --keep-hourly, --keep-daily, --keep-weekly,"
                            + " --keep-monthly and --keep-yearly, or the same keys under retention in the configuration;"
                            + " --keep-minimum alone is no rule.");
        }
        return rules;
    }

    private List<DatabaseFolder> folders() {
        if (plan != null) {
            if (location.repository != null || location.database != null) {
                throw new BackupException(
                        Problem.USAGE,
                        "plan '" + plan + "' has its own database and repository",
                        "give either a plan, or --repository and --database.");
            }
            BackupPlan found = session.plans().named(plan, PlanLayer.EMPTY, DatabaseAccess.NONE);
            return List.of(Repository.open(found.repository())
                    .database(FileNames.of(found.database().name())));
        }
        Path root = session.plans().repository(location.repository);
        if (root == null) {
            throw new BackupException(
                    Problem.USAGE, "a repository is missing", "name a plan, or give --repository DIR.");
        }
        Repository repository = Repository.open(root);
        String database = new FindBackup(session).database(location);
        return database == null ? repository.databases() : List.of(folder(repository, database));
    }

    private static DatabaseFolder folder(Repository repository, String database) {
        List<DatabaseFolder> folders = repository.databases();
        String name = FileNames.of(database);
        return folders.stream()
                .filter(folder -> folder.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        Problem.NOT_FOUND,
                        "there are no backups of database '" + database + "' in repository " + repository.root(),
                        folders.isEmpty()
                                ? "it is empty."
                                : "it has those of "
                                        + folders.stream()
                                                .map(DatabaseFolder::name)
                                                .collect(Collectors.joining(", "))
                                        + "."));
    }
}

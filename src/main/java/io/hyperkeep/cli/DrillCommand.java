package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.Given;
import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan.RestoreValues;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.ClusterChoice;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.storage.BackupFolder;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drill}: proves that a backup restores, by restoring it. */
@Command(
        name = "drill",
        description = "Restore a backup into a scratch database, compare it, drop it, and keep the evidence.")
final class DrillCommand implements Callable<Integer> {
    private static final String LATEST = "/latest";

    /** Every server has it unless somebody dropped it. */
    private static final String MAINTENANCE = "postgres";

    private final Session session;

    @Parameters(
            paramLabel = "PLAN|BACKUP",
            description = "A plan, for its latest backup; or a backup as other commands take it.")
    String backup = "";

    @Option(
            names = "--on",
            paramLabel = "URI",
            description = "Any database of the server to restore on: a libpq URI or a configured name;"
                    + " default: the maintenance database of the plan's server.")
    @Nullable
    String server;

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--no-tablespaces",
            description = "Use no tablespaces: what was in one goes to the scratch database's default one.")
    boolean noTablespaces;

    @Mixin
    LocationOptions location = new LocationOptions();

    @Mixin
    AccessOptions access = new AccessOptions();

    DrillCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Configuration configuration = session.configuration();
        String found = configuration.plans().containsKey(backup) ? backup + LATEST : backup;
        String plan = FindBackup.planOf(found, configuration);
        DatabaseSettings on = on(plan);
        RestoreValues values = session.plans().restoreValues(layer());
        BackupFolder folder = new FindBackup(session).find(found, location);
        DrillRequest request = new DrillRequest(
                new RestoreRequest(
                        folder.path(),
                        on,
                        false,
                        values.selection(),
                        values.jobs(),
                        values.maxAttempts(),
                        values.options(),
                        ClusterChoice.ALL),
                on,
                String.valueOf(ListBackups.databaseOf(folder)),
                plan);
        return new ReportOutcome(session).print(new RunInForeground(session).run((engine, progress) -> engine.launch()
                .drill(request, progress)));
    }

    private PlanLayer layer() {
        return PlanLayer.flags(layer -> {
            selection.into(layer);
            PlanOptions.one(layer, PlanKey.NO_TABLESPACES, noTablespaces ? "true" : null);
        });
    }

    private DatabaseSettings on(@Nullable String plan) {
        DatabaseAccess reach = access.access(session.surroundings().environment());
        if (server != null) {
            return session.databases().resolve(Given.flag("--on", List.of(server)), reach);
        }
        if (plan == null) {
            throw new BackupException(
                    Problem.USAGE,
                    "a server to restore on is missing: this backup was not named by a plan",
                    "give --on URI of any database of the server; the drill creates one of its own there.");
        }
        DatabaseSettings source =
                session.plans().named(plan, PlanLayer.EMPTY, reach).database();
        return new DatabaseSettings(
                source.name(), source.address().withDatabase(MAINTENANCE), source.password(), source.clientTools());
    }
}

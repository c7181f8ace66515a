package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.Given;
import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan.RestoreValues;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.DatabaseSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Alterations;
import io.hyperkeep.restore.ArchiveOptions;
import io.hyperkeep.restore.ArchiveOptions.RowComparison;
import io.hyperkeep.restore.ClusterChoice;
import io.hyperkeep.restore.JobsAtEnd;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.storage.BackupFolder;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code restore}: one restore, to its end. */
@Command(name = "restore", description = "Restore a backup into a database, and wait for the end.")
final class RestoreCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "BACKUP",
            description = "Path of a backup's folder, PLAN/latest, PLAN/ID, or with --repository an ID or latest.")
    String backup = "";

    @Option(
            names = "--to",
            paramLabel = "URI",
            required = true,
            description = "Target: a libpq URI or a configured name. It must be empty of the restored tables.")
    String target = "";

    @Option(names = "--create-database", description = "Create the target database first.")
    boolean createDatabase;

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--compress",
            paramLabel = "as-source|none",
            description = "Compress again the chunks that were compressed, or none; default: as-source.")
    @Nullable
    String compress;

    @Option(
            names = "--strict",
            description = "Refuse a target that can not carry everything, instead of warning of what it lacks.")
    boolean strict;

    @Option(names = "--serial", description = "One session and one thing after the other, as with --jobs 1.")
    boolean serial;

    @Mixin
    DatabaseOptions databases = new DatabaseOptions();

    @Option(
            names = "--globals-only",
            description = "Of a cluster: only roles, their memberships and settings, and tablespaces; no database.")
    boolean globalsOnly;

    @Option(
            names = "--no-tablespaces",
            description = "Make and use no tablespaces: what was in one goes to its database's default one.")
    boolean noTablespaces;

    @Mixin
    AlterationOptions alterations = new AlterationOptions();

    @Mixin
    LocationOptions location = new LocationOptions();

    @Mixin
    AccessOptions access = new AccessOptions();

    @Option(
            names = "--jobs-on",
            description = "Switch every policy and job on at the end that was on in the source; without it, a retention"
                    + " policy that would at once drop what was restored stays off.")
    boolean jobsOn;

    @Option(names = "--jobs-off", description = "Leave every restored policy and job off.")
    boolean jobsOff;

    @Option(
            names = "--database-settings",
            description =
                    "Apply settings, rights, comment and connection limit of the source's database to one that was"
                            + " there before; with --create-database they always are.")
    boolean databaseSettings;

    @Option(
            names = "--no-owner",
            description = "Of a whole database: everything becomes the restoring role's, whoever owned it.")
    boolean noOwner;

    @Option(
            names = "--role",
            paramLabel = "NAME",
            description = "Restore as this role, which the one that logs in must be a member of.")
    @Nullable
    String role;

    @Option(
            names = "--update-extension",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "VERSION",
            description =
                    "Of a whole database: update TimescaleDB at the end, to this version or the server's default.")
    @Nullable
    String updateExtension;

    @Option(
            names = "--compare",
            paramLabel = "rows|counts",
            description = "Of a whole database: read every row back and compare it, or only count them, which is faster"
                    + " and ends with exit code 3; default: rows.")
    @Nullable
    String compare;

    @Option(names = "--dry-run", description = "Say what would be restored, and do nothing.")
    boolean dryRun;

    RestoreCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        DatabaseAccess reach = access.access(session.surroundings().environment());
        DatabaseSettings named = session.databases().resolve(Given.flag("--to", List.of(target)), reach);
        DatabaseSettings database = role == null ? named : named.actingAs(role);
        RestoreValues values = session.plans().restoreValues(layer());
        Alterations altered = alterations.alterations(createDatabase);
        BackupFolder folder = new FindBackup(session).find(backup, location);
        ClusterChoice choice = new ClusterChoice(
                values.databases(), globalsOnly, !values.options().noTablespaces());
        requireCluster(folder, choice);
        RestoreRequest request = new RestoreRequest(
                folder.path(),
                database,
                createDatabase,
                values.selection(),
                values.jobs(),
                values.maxAttempts(),
                values.options()
                        .with(altered)
                        .with(jobsAtEnd())
                        .withDatabaseSettings(databaseSettings)
                        .with(new ArchiveOptions(noOwner, updateExtension, comparison())),
                choice);
        if (dryRun) {
            try (Engine engine = session.startEngine()) {
                return new ReportPlan(session).print(engine.launch().planRestore(request), "restored", "AS CSV>");
            }
        }
        return new ReportOutcome(session).print(new RunInForeground(session).run((engine, progress) -> engine.launch()
                .restore(request, progress)));
    }

    private static void requireCluster(BackupFolder folder, ClusterChoice choice) {
        boolean asked = choice.globalsOnly() || !choice.databases().equals(DatabaseSelection.ALL);
        if (asked && BackupKind.of(folder.manifest().kind()) != BackupKind.CLUSTER) {
            throw new BackupException(
                    Problem.USAGE,
                    "backup " + folder.id() + " is of one database: --include-database, --exclude-database and"
                            + " --globals-only are for backups of clusters",
                    "leave them out.");
        }
    }

    private JobsAtEnd jobsAtEnd() {
        if (jobsOn && jobsOff) {
            throw new BackupException(
                    Problem.USAGE, "--jobs-on and --jobs-off exclude each other", "give one of them.");
        }
        return jobsOn ? JobsAtEnd.ON : jobsOff ? JobsAtEnd.OFF : JobsAtEnd.AS_IN_SOURCE;
    }

    private RowComparison comparison() {
        if (compare == null || compare.equals("rows")) {
            return RowComparison.ROWS;
        }
        if (compare.equals("counts")) {
            return RowComparison.COUNTS;
        }
        throw new BackupException(
                Problem.USAGE, "--compare: '" + compare + "' is not one of rows, counts", "leave it out for rows.");
    }

    private PlanLayer layer() {
        return PlanLayer.flags(layer -> {
            selection.into(layer);
            databases.into(layer);
            if (serial) {
                PlanOptions.one(layer, PlanKey.JOBS, "1");
            }
            PlanOptions.one(layer, PlanKey.COMPRESS, compress);
            PlanOptions.one(layer, PlanKey.STRICT, strict ? "true" : null);
            PlanOptions.one(layer, PlanKey.NO_TABLESPACES, noTablespaces ? "true" : null);
        });
    }
}

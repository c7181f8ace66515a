package io.hyperkeep.cli;

import io.hyperkeep.archive.CompareWithArchive;
import io.hyperkeep.cluster.CompareCluster;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.Given;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan.RestoreValues;
import io.hyperkeep.database.Connections;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.restore.CompareDatabase;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.JobState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compare}: a backup against a database, structure and every row, without writing anything. */
@Command(
        name = "compare",
        description = "Compare a database with a backup, structure and every row; nothing is written to the database.")
final class CompareCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            index = "0",
            paramLabel = "BACKUP",
            description = "Path of a backup's folder, PLAN/latest, PLAN/ID, or with --repository an ID or latest.")
    String backup = "";

    @Parameters(index = "1", paramLabel = "URI", description = "The database: a libpq URI or a configured name.")
    String database = "";

    @Mixin
    TableOptions tables = new TableOptions();

    @Mixin
    DatabaseOptions databases = new DatabaseOptions();

    @Mixin
    LocationOptions location = new LocationOptions();

    @Mixin
    AccessOptions access = new AccessOptions();

    @Option(
            names = "--jobs-off",
            description = "The database was restored with --jobs-off: its policies and jobs have to be off.")
    boolean jobsOff;

    CompareCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Clock clock = session.surroundings().clock();
        Instant began = clock.instant();
        DatabaseAccess reach = access.access(session.surroundings().environment());
        Connections connections =
                new Connections(session.databases().resolve(Given.flag("URI", List.of(database)), reach));
        RestoreValues values = session.plans().restoreValues(PlanLayer.flags(layer -> {
            tables.into(layer);
            databases.into(layer);
        }));
        BackupFolder folder = new FindBackup(session).find(backup, location);
        Manifest manifest = folder.manifest();
        JobState state = jobsOff ? JobState.OFF : JobState.AS_IN_SOURCE;
        Comparison comparison = new RunInForeground(session)
                .work("compare", progress -> switch (BackupKind.of(manifest.kind())) {
                    case TABLES ->
                        new CompareDatabase(connections, progress, session::note)
                                .run(manifest, values.selection(), values.jobs(), state);
                    case DATABASE ->
                        new CompareWithArchive(connections, progress, session::note)
                                .run(folder.path(), manifest, values.selection(), values.jobs(), state);
                    case CLUSTER ->
                        new CompareCluster(connections, progress, session::note)
                                .run(folder, values.databases(), values.jobs(), state);
                });
        return new ReportCompared(session)
                .print(folder, connections.address(), comparison, Duration.between(began, clock.instant()));
    }
}

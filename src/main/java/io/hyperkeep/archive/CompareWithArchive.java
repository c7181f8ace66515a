package io.hyperkeep.archive;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.export.OpenSnapshot;
import io.hyperkeep.export.SnapshotSessions;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.restore.ArchiveOptions.RowComparison;
import io.hyperkeep.restore.PlanRestore;
import io.hyperkeep.restore.RestoreOptions;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.JobState;
import io.hyperkeep.verify.SnapshotReaders;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Compares a whole database's archive with a database that others use: in one snapshot, with the locks that a backup
 * takes, and by sessions that can not write. Not thread-safe.
 */
public final class CompareWithArchive {
    private final Connections connections;
    private final RunProgress progress;
    private final Consumer<String> notices;

    /** @param notices told what a person may want to know, as it happens */
    public CompareWithArchive(Connections connections, RunProgress progress, Consumer<String> notices) {
        this.connections = connections;
        this.progress = progress;
        this.notices = notices;
    }

    /**
     * Compares.
     *
     * @param backup the backup's folder
     * @param selection must be of everything
     * @param jobs number of sessions
     * @param state whether policies and jobs have to be on
     * @throws io.hyperkeep.problem.BackupException USAGE when a part is asked for; LOCKED when a table is locked by others
     *     for too long; or when the database can not be read
     */
    public Comparison run(Path backup, Manifest manifest, TableSelection selection, int jobs, JobState state) {
        PlanRestore.whole(manifest, selection, RestoreOptions.DEFAULT);
        List<TableName> tables;
        try (Connection connection = connections.open("hyperkeep/compare")) {
            tables = new DiscoverDatabase().dumpedTables(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the tables of " + connections.address(), e);
        }
        try (SnapshotSessions sessions = new OpenSnapshot(connections, "compare", notices)
                .forReading(tables, Connections.DEFAULT_LOCK_TIMEOUT, jobs)) {
            Comparison compared = new CompareArchive(
                            new SnapshotReaders(sessions, connections),
                            new ClientTools(connections.settings()),
                            progress,
                            backup,
                            manifest,
                            false)
                    .run(RowComparison.ROWS, jobs, state);
            List<Warning> warnings = new ArrayList<>(compared.warnings());
            warnings.addAll(notCompared(manifest));
            return new Comparison(compared.differences(), warnings);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read " + connections.address(), e);
        }
    }

    private static List<Warning> notCompared(Manifest manifest) {
        return Objects.requireNonNull(manifest.dump()).relations().isEmpty()
                        && manifest.totals().rows() > 0
                ? List.of(new Warning(
                        "rows-counted",
                        "rows were counted and not read: the backup is of an earlier version that did not note which file"
                                + " has which relation's rows"))
                : List.of();
    }
}

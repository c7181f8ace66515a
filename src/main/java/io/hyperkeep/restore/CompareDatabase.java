package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.TableList;
import io.hyperkeep.export.OpenSnapshot;
import io.hyperkeep.export.SnapshotSessions;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.Expected;
import io.hyperkeep.verify.JobState;
import io.hyperkeep.verify.SnapshotReaders;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Compares a backup with a database that others use: in one snapshot, with the locks that a backup takes, and by
 * sessions that can not write. Not thread-safe.
 */
public final class CompareDatabase {
    private final Connections connections;
    private final RunProgress progress;
    private final Consumer<String> notices;

    /** @param notices told what a person may want to know, as it happens */
    public CompareDatabase(Connections connections, RunProgress progress, Consumer<String> notices) {
        this.connections = connections;
        this.progress = progress;
        this.notices = notices;
    }

    /**
     * Compares.
     *
     * @param selection which of the backup's tables; an empty one also finds what the backup does not have
     * @param jobs number of sessions that read at the same time
     * @param state whether policies and user-defined jobs have to be on
     * @throws io.hyperkeep.problem.BackupException USAGE when a pattern matches no table of the backup; LOCKED when a
     *     table is locked by others for too long; or when the database can not be read
     */
    public Comparison run(Manifest manifest, TableSelection selection, int jobs, JobState state) {
        RestorePlan plan = PlanRestore.run(manifest, selection, RestoreOptions.DEFAULT);
        Selection asked = manifest.selection();
        TableSelection backedUp =
                asked == null ? TableSelection.ALL : new TableSelection(asked.include(), asked.exclude());
        boolean whole = selection.include().isEmpty();
        CompareTarget.Scope scope = new CompareTarget.Scope(
                table -> selection.selects(table) && backedUp.selects(table),
                whole,
                whole && backedUp.include().isEmpty());
        try (SnapshotSessions sessions = new OpenSnapshot(connections, "compare", notices)
                .forReading(tables(plan), Connections.DEFAULT_LOCK_TIMEOUT, jobs)) {
            SnapshotReaders readers = new SnapshotReaders(sessions, connections);
            Comparison compared = new CompareTarget(readers, connections.address(), progress, plan, scope)
                    .compare(jobs, new Expected.Jobs(plan.jobs(), state));
            List<Warning> warnings = new ArrayList<>(
                    readers.read(session -> TargetLosses.find(session, ServerCapabilities.of(session), plan)));
            warnings.addAll(readers.read(session -> new ExtensionsOfTarget(session, plan).otherVersions()));
            warnings.addAll(compared.warnings());
            DatabaseProperties properties = manifest.properties();
            if (whole && properties != null) {
                warnings.addAll(RestoreProperties.differences(
                        properties, readers.read(session -> new DiscoverProperties().read(session))));
            }
            return new Comparison(compared.differences(), warnings);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the settings of " + connections.address(), e);
        }
    }

    /** The relations that have the rows of the plan's tables, as far as they are there. */
    private List<TableName> tables(RestorePlan plan) {
        Set<TableName> wanted = plan.tables().stream().map(TableEntry::name).collect(Collectors.toSet());
        try (Connection connection = connections.open("hyperkeep/compare")) {
            TableList there = new DiscoverDatabase().tables(connection, ServerCapabilities.of(connection));
            return there.relations(
                    there.tables().stream().filter(wanted::contains).toList());
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the tables of " + connections.address(), e);
        }
    }
}

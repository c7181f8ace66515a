package io.hyperkeep.jobs;

import io.hyperkeep.cluster.ChooseDatabases;
import io.hyperkeep.cluster.ListDatabases;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoverUncarried;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ReadableNames;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.TableList;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.PlanUnits;
import io.hyperkeep.plan.SelectTables;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.restore.CheckNames;
import io.hyperkeep.restore.ClusterChoice;
import io.hyperkeep.restore.DescribeAlterations;
import io.hyperkeep.restore.PlanRestore;
import io.hyperkeep.restore.RestorePlan;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.storage.BackupFolder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what runs would do, reading only: no lock, no file, no record of a run. Thread-safe: it has no state. */
final class PlanRuns {
    /** What a backup would export now. */
    PlannedRun backup(BackupPlan plan) {
        return plan.kind() == BackupKind.CLUSTER ? cluster(plan) : database(plan);
    }

    /** Each database that it would back up. */
    private static PlannedRun cluster(BackupPlan plan) {
        Connections connections = new Connections(plan.database());
        try (Connection connection = connections.open("hyperkeep/dry-run", plan.lockTimeout())) {
            ChooseDatabases.Chosen chosen = ChooseDatabases.run(
                    new ListDatabases().read(connection).databases(),
                    plan.cluster().databases());
            List<PlannedRun> each = new ArrayList<>();
            for (ListDatabases.Database database : chosen.databases()) {
                DatabaseSettings itself =
                        connections.withDatabase(database.name()).settings();
                each.add(database(plan.ofOneDatabase(itself, plan.repository())).within(database.name()));
            }
            return PlannedRun.of(each, chosen.warnings());
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the databases of " + connections.address(), e);
        }
    }

    private static PlannedRun database(BackupPlan plan) {
        Connections connections = new Connections(plan.database());
        try (Connection connection = connections.open("hyperkeep/dry-run", plan.lockTimeout())) {
            ReadableNames.require(connection);
            ServerCapabilities server = ServerCapabilities.of(connection);
            DiscoverDatabase discover = new DiscoverDatabase();
            TableList there = discover.tables(connection, server);
            SelectTables.Selected selected =
                    SelectTables.select(plan.selection(), there.tables(), there.aggregates(), "the database");
            Inventory inventory = discover.inventory(connection, server, Set.copyOf(selected.tables())::contains);
            List<Warning> warnings = new ArrayList<>(selected.warnings("in the backup"));
            warnings.addAll(new DiscoverUncarried().run(connection, server, plan.selection()::selects));
            List<Unit> units = new PlanUnits(plan.unitBytes(), plan.sliceBytes()).plan(inventory.tables());
            Map<TableName, Long> unitsOf =
                    units.stream().collect(Collectors.groupingBy(Unit::table, Collectors.counting()));
            return new PlannedRun(
                    inventory.tables().stream()
                            .map(table -> table(table, unitsOf.getOrDefault(table.name(), 0L)))
                            .toList(),
                    units.size(),
                    inventory.jobs(),
                    warnings,
                    List.of());
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the catalog of " + connections.address(), e);
        }
    }

    private static PlannedRun.Table table(DiscoveredTable table, long units) {
        long chunks = table.chunks().stream().mapToLong(DiscoveredChunk::bytes).sum();
        return new PlannedRun.Table(
                table.name(),
                null,
                table.structure().kind(),
                table.chunks().size(),
                (int) units,
                null,
                table.bytes() + chunks);
    }

    /** What a restore would import. */
    PlannedRun restore(RestoreRequest request) {
        BackupFolder backup = new BackupFolder(request.backup());
        Cluster cluster = backup.manifest().cluster();
        if (cluster != null) {
            ClusterChoice choice = request.cluster();
            List<PlannedRun> each = new ArrayList<>();
            for (Cluster.Database database : cluster.databases()) {
                if (!choice.globalsOnly()
                        && database.backup() != null
                        && choice.databases().selects(database.name())) {
                    each.add(restore(request.ofOneDatabase(
                                    backup.part(database.backup()).path(), request.target()))
                            .within(database.name()));
                }
            }
            return PlannedRun.of(each, List.of());
        }
        RestorePlan plan =
                new CheckNames(backup).run(PlanRestore.run(backup.manifest(), request.selection(), request.options()));
        return new PlannedRun(
                plan.tables().stream()
                        .map(table -> table(plan, table.name(), plan.target(table.name())))
                        .toList(),
                plan.units().size(),
                plan.jobs(),
                plan.warnings(),
                DescribeAlterations.of(plan));
    }

    private static PlannedRun.Table table(RestorePlan plan, TableName source, TableEntry table) {
        return new PlannedRun.Table(
                source,
                source.equals(table.name()) ? null : table.name(),
                table.kind(),
                plan.ahead().getOrDefault(table.name(), List.of()).size(),
                table.units().size(),
                plan.isCounted(table) ? table.rows() : null,
                table.units().stream().mapToLong(unit -> unit.csvBytes()).sum());
    }
}

package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ListDatabases;
import io.hyperkeep.jobs.ClusterBackupAttempt;
import io.hyperkeep.jobs.ClusterRestoreAttempt;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.runs.RunRecords.PlannedUnit;
import java.util.Map;
import java.util.function.Function;

/** Records the databases as the units of a cluster's run. */
public final class PlanDatabases {
    private PlanDatabases() {}

    /** Of a backup. */
    public static Phase<ClusterBackupAttempt> ofBackup(RunRecords records) {
        return attempt -> record(records, attempt.run(), attempt.databases(), ListDatabases.Database::name);
    }

    /** Of a restore. */
    public static Phase<ClusterRestoreAttempt> ofRestore(RunRecords records) {
        return attempt -> record(records, attempt.run(), attempt.databases(), Cluster.Database::name);
    }

    private static <T> void record(RunRecords records, long run, Map<String, T> databases, Function<T, String> name) {
        records.planned(
                run,
                databases.entrySet().stream()
                        .map(unit -> new PlannedUnit(
                                unit.getKey(),
                                new TableName("database", name.apply(unit.getValue())),
                                name.apply(unit.getValue()),
                                0))
                        .toList());
    }
}

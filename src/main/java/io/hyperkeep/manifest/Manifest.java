package io.hyperkeep.manifest;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sealed backup, whole.
 *
 * @param formatVersion {@link #FORMAT_VERSION} when written by this version
 * @param id the backup's id: its UTC start time, with a suffix where two began within a second
 * @param kind {@code tables}, {@code database} or {@code cluster}
 * @param tool name and version of the program that wrote it
 * @param run number of the run, in the metadata of whoever ran it
 * @param plan the plan that it is a backup of, or null for one that was made without
 * @param started when the run began
 * @param sealed when this manifest was written
 * @param source where from
 * @param snapshot as of when; of a cluster, when its databases were listed: each of them has a snapshot of its own
 * @param consistent whether every unit was read under this one snapshot
 * @param data how the data files are written
 * @param schema the schema dump
 * @param selection what was asked for; null in a manifest that does not say
 * @param tables every selected table
 * @param aggregates what makes some of the tables continuous aggregates, in the order in which a restore creates them
 * @param sequences every sequence in the selection
 * @param objects what else there is of the schema, as data to compare with; null in a manifest that does not say
 * @param refresh populated materialized views, in the order in which a restore refreshes them
 * @param jobs policies and user-defined jobs, in the order of their creation
 * @param warnings what is missing or not as asked for
 * @param totals sums
 * @param properties what is said of the database as a whole; null in a manifest that does not say, and in a backup of any
 *     other kind than {@code tables}
 * @param dump the archive of a whole database; null in a backup of any other kind
 * @param cluster what a backup of a cluster is made of; null in a backup of any other kind
 */
public record Manifest(
        int formatVersion,
        String id,
        String kind,
        String tool,
        long run,
        @Nullable String plan,
        Instant started,
        Instant sealed,
        Source source,
        SnapshotInfo snapshot,
        boolean consistent,
        DataFormat data,
        SchemaFiles schema,
        @Nullable Selection selection,
        List<TableEntry> tables,
        List<ContinuousAggregate> aggregates,
        List<SequenceState> sequences,
        @Nullable List<SchemaObject> objects,
        List<TableName> refresh,
        List<JobEntry> jobs,
        List<Warning> warnings,
        Totals totals,
        @Nullable DatabaseProperties properties,
        @Nullable DatabaseDump dump,
        @Nullable Cluster cluster) {
    /** The newest format that this version reads, and the one that it writes. */
    public static final int FORMAT_VERSION = 1;

    public Manifest {
        tables = List.copyOf(tables);
        // a manifest of before they were carried does not say
        aggregates = aggregates == null ? List.of() : List.copyOf(aggregates);
        sequences = List.copyOf(sequences);
        objects = objects == null ? null : List.copyOf(objects);
        refresh = List.copyOf(refresh);
        // earlier versions wrote none
        jobs = jobs == null ? List.of() : List.copyOf(jobs);
        warnings = List.copyOf(warnings);
    }
}

package io.hyperkeep.cluster;

import io.hyperkeep.export.SealBackup.Draft;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.storage.TextFile;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a backup of globals and sealed backups of databases: writes the manifest last, by rename. Thread-safe. */
public final class SealCluster {
    private final Clock clock;
    private final String tool;

    /**
     * @param clock for when it was sealed
     * @param tool name and version of this program
     */
    public SealCluster(Clock clock, String tool) {
        this.clock = clock;
        this.tool = tool;
    }

    /**
     * Everything that the manifest says.
     *
     * @param run the run's number
     * @param plan the plan's name, or null
     * @param started when the run began
     * @param source the server, and the database that was connected to
     * @param seen when the databases were listed
     * @param cluster what was backed up, its files already in the draft's folder
     * @param warnings of the run and of each database
     */
    public record Facts(
            long run,
            @Nullable String plan,
            Instant started,
            Source source,
            SnapshotInfo seen,
            Cluster cluster,
            List<Warning> warnings) {}

    /**
     * Seals.
     *
     * @return what the manifest says
     * @throws io.hyperkeep.problem.BackupException when a file could not be written; then there is no backup
     */
    public Manifest seal(Draft draft, Facts facts) {
        Cluster cluster = facts.cluster();
        Manifest manifest = new Manifest(
                Manifest.FORMAT_VERSION,
                draft.id(),
                BackupKind.CLUSTER.word(),
                tool,
                facts.run(),
                facts.plan(),
                facts.started(),
                clock.instant(),
                facts.source(),
                facts.seen(),
                cluster.databases().stream().allMatch(Cluster.Database::consistent),
                // the files of rows, if there are any, are the databases' own
                new DataFormat("none", ""),
                new SchemaFiles(List.of(), new SchemaFiles.Preambles(0, 0), List.of()),
                new Selection(List.of(), List.of()),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                facts.warnings(),
                sum(cluster.databases().stream()
                        .map(Cluster.Database::totals)
                        .filter(Objects::nonNull)
                        .toList()),
                null,
                null,
                cluster);
        ClusterGuide guide = new ClusterGuide(manifest, cluster);
        write(draft, ClusterGuide.CHECKSUMS, guide.checksums());
        write(draft, ClusterGuide.NAME, guide.text());
        try {
            BackupFolder.seal(draft.repository().store(), draft.path(), manifest);
        } catch (IOException e) {
            throw StorageErrors.writing(
                    draft.folder().resolve(BackupFolder.MANIFEST).toString(), e);
        }
        return manifest;
    }

    /** The sums over several backups or restores. */
    public static Totals sum(List<Totals> totals) {
        Map<String, Integer> reexported = new HashMap<>();
        totals.forEach(
                one -> one.reexported().forEach((reason, count) -> reexported.merge(reason, count, Integer::sum)));
        return new Totals(
                totals.stream().mapToInt(Totals::tables).sum(),
                totals.stream().mapToInt(Totals::units).sum(),
                totals.stream().mapToInt(Totals::reusedUnits).sum(),
                totals.stream().mapToLong(Totals::rows).sum(),
                totals.stream().mapToLong(Totals::csvBytes).sum(),
                totals.stream().mapToLong(Totals::bytes).sum(),
                totals.stream().mapToLong(Totals::writtenBytes).sum(),
                reexported);
    }

    private static void write(Draft draft, String name, String text) {
        TextFile.write(draft.repository().store(), draft.repository().root(), draft.path(), name, text);
    }
}

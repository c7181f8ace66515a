package io.hyperkeep.archive;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.export.SealBackup.Draft;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.SchemaFiles;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.storage.TextFile;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a backup of a database's archive: writes the manifest last, by rename. Thread-safe. */
public final class SealDatabase {
    private final Clock clock;
    private final String tool;

    /**
     * @param clock for when it was sealed
     * @param tool name and version of this program
     */
    public SealDatabase(Clock clock, String tool) {
        this.clock = clock;
        this.tool = tool;
    }

    /**
     * Everything that the manifest says.
     *
     * @param run the run's number
     * @param plan the plan's name, or null
     * @param started when the run began
     * @param snapshot the one that was dumped
     * @param inventory what was in it
     * @param sequences as the archive has them
     * @param rows of each table, counted in the same snapshot
     * @param dump the archive, already in the draft's folder
     * @param warnings of all phases
     */
    public record Facts(
            long run,
            @Nullable String plan,
            Instant started,
            SnapshotInfo snapshot,
            Inventory inventory,
            List<SequenceState> sequences,
            Map<TableName, Long> rows,
            DatabaseDump dump,
            List<Warning> warnings) {}

    /**
     * Seals.
     *
     * @return what the manifest says
     * @throws io.hyperkeep.problem.BackupException when a file could not be written; then there is no backup
     */
    public Manifest seal(Draft draft, Facts facts) {
        List<TableEntry> tables = facts.inventory().tables().stream()
                .map(table -> table(table, facts.rows().getOrDefault(table.name(), 0L)))
                .toList();
        long bytes = facts.dump().files().stream().mapToLong(FileEntry::bytes).sum();
        Manifest manifest = new Manifest(
                Manifest.FORMAT_VERSION,
                draft.id(),
                BackupKind.DATABASE.word(),
                tool,
                facts.run(),
                facts.plan(),
                facts.started(),
                clock.instant(),
                facts.inventory().source(),
                facts.snapshot(),
                true,
                // there are no files of rows; whoever reads manifests of every kind finds what it knows
                new DataFormat("none", ""),
                new SchemaFiles(List.of(), new SchemaFiles.Preambles(0, 0), List.of()),
                new Selection(List.of(), List.of()),
                tables,
                facts.inventory().aggregates(),
                facts.sequences(),
                facts.inventory().objects(),
                List.of(),
                facts.inventory().jobs(),
                facts.warnings(),
                new Totals(
                        tables.size(),
                        0,
                        0,
                        tables.stream().mapToLong(TableEntry::rows).sum(),
                        0,
                        bytes,
                        bytes,
                        Map.of()),
                null,
                facts.dump(),
                null);
        ArchiveGuide guide = new ArchiveGuide(manifest, facts.dump());
        write(draft, ArchiveGuide.CHECKSUMS, guide.checksums());
        write(draft, ArchiveGuide.NAME, guide.text());
        try {
            BackupFolder.seal(draft.repository().store(), draft.path(), manifest);
        } catch (IOException e) {
            throw StorageErrors.writing(
                    draft.folder().resolve(BackupFolder.MANIFEST).toString(), e);
        }
        return manifest;
    }

    private static TableEntry table(DiscoveredTable table, long rows) {
        TableEntry structure = table.structure();
        Hypertable hypertable = structure.hypertable();
        return new TableEntry(
                structure.name(),
                structure.kind(),
                structure.owner(),
                structure.columns(),
                structure.constraints(),
                structure.indexes(),
                structure.triggers(),
                hypertable == null
                        ? null
                        : hypertable.withChunks(table.chunks().stream()
                                .map(chunk -> new ChunkEntry(chunk.name(), chunk.slices(), List.of(), chunk.storage()))
                                .toList()),
                List.of(),
                rows,
                RowDigest.NONE);
    }

    private static void write(Draft draft, String name, String text) {
        TextFile.write(draft.repository().store(), draft.repository().root(), draft.path(), name, text);
    }
}

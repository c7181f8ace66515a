package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.DumpDatabase;
import io.hyperkeep.archive.FolderGrowth;
import io.hyperkeep.archive.WriteArchive;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.jobs.BackupAttempt;
import java.nio.file.Path;
import java.sql.SQLException;

/** Runs pg_dump in the snapshot, and makes of what it wrote an archive that can be restored. */
public final class DumpArchive implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) {
        BackupAttempt.Source source = attempt.source();
        SealBackup.Draft draft = attempt.draft();
        ClientTools tools = new ClientTools(attempt.plan().database());
        int major = source.server().serverMajor();
        Path folder = draft.folder().resolve(WriteArchive.DUMP);
        attempt.progress()
                .expect(
                        1,
                        source.inventory().tables().stream()
                                .mapToLong(DumpArchive::bytes)
                                .sum());
        DumpDatabase.Dumped dumped;
        try (FolderGrowth growth = new FolderGrowth(folder, attempt.progress())) {
            growth.begin();
            dumped = new DumpDatabase(
                            tools.find("pg_dump", major),
                            attempt.connections(),
                            "hyperkeep/" + attempt.run() + "/dump",
                            attempt.plan().lockTimeout())
                    .run(
                            source.sessions().snapshot(),
                            attempt.plan().dumpFormat(),
                            attempt.plan().jobs(),
                            attempt.plan().compression(),
                            draft.folder());
        }
        attempt.warn(dumped.warnings());
        try {
            attempt.archived(source.sessions().withHolder(holder -> new WriteArchive(
                            tools.find("pg_restore", major),
                            draft.repository().store(),
                            draft.repository().root(),
                            draft.path())
                    .run(
                            holder,
                            source.server().hasTimescale(),
                            dumped,
                            attempt.plan().jobs())));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }

    private static long bytes(DiscoveredTable table) {
        return table.bytes()
                + table.chunks().stream().mapToLong(DiscoveredChunk::bytes).sum();
    }
}

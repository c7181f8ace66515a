package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.CountRows;
import io.hyperkeep.archive.DumpDatabase;
import io.hyperkeep.archive.FolderGrowth;
import io.hyperkeep.archive.WriteArchive;
import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.UnstableHashes;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.SnapshotReaders;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs pg_dump in the snapshot, counts the rows beside it, and makes of what it wrote an archive that can be restored.
 */
public final class DumpArchive implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) {
        ClientTools tools = new ClientTools(attempt.plan().database());
        AtomicReference<DumpDatabase.Dumped> dumped = new AtomicReference<>();
        // the sessions that count have the same snapshot, and nothing else to do meanwhile
        Crew.work("dump", 2, List.of(() -> dumped.set(dump(attempt, tools)), () -> count(attempt)), OneTask::new);
        write(attempt, tools, dumped.get());
    }

    private static DumpDatabase.Dumped dump(BackupAttempt attempt, ClientTools tools) {
        BackupAttempt.Source source = attempt.source();
        Path backup = attempt.draft().folder();
        attempt.progress()
                .expect(
                        1,
                        source.inventory().tables().stream()
                                .mapToLong(DumpArchive::bytes)
                                .sum());
        try (FolderGrowth growth = new FolderGrowth(backup.resolve(WriteArchive.DUMP), attempt.progress())) {
            growth.begin();
            return new DumpDatabase(
                            tools.find("pg_dump", source.server().serverMajor()),
                            attempt.connections(),
                            "hyperkeep/" + attempt.run() + "/dump",
                            attempt.plan().lockTimeout())
                    .run(
                            source.sessions().snapshot(),
                            attempt.plan().dumpFormat(),
                            attempt.plan().jobs(),
                            attempt.plan().compression(),
                            !source.sessions()
                                    .withHolder(UnstableHashes::of)
                                    .divided()
                                    .isEmpty(),
                            backup);
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }

    /**
     * pg_dump does not say how many rows it dumped, and a restore has to be compared with something. How far this is
     * nobody is told: the run's progress is pg_dump's, which lasts longer.
     */
    private static void count(BackupAttempt attempt) {
        attempt.counted(new CountRows(new RunProgress())
                .run(
                        attempt.source().inventory().tables(),
                        new SnapshotReaders(attempt.source().sessions(), attempt.connections()),
                        attempt.plan().jobs()));
    }

    private static void write(BackupAttempt attempt, ClientTools tools, DumpDatabase.Dumped dumped) {
        BackupAttempt.Source source = attempt.source();
        attempt.warn(dumped.warnings());
        try {
            WriteArchive archive = new WriteArchive(
                    tools.find("pg_restore", source.server().serverMajor()),
                    attempt.draft().repository().store(),
                    attempt.draft().repository().root(),
                    attempt.draft().path());
            attempt.archived(
                    source.sessions()
                            .withHolder(holder -> archive.run(
                                    holder,
                                    source.server().hasTimescale(),
                                    dumped,
                                    attempt.plan().jobs())),
                    archive.sequences(dumped.format(), source.inventory().sequences()));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }

    private static long bytes(DiscoveredTable table) {
        return table.bytes()
                + table.chunks().stream().mapToLong(DiscoveredChunk::bytes).sum();
    }

    /** Does one of the two; an interrupt ends either. */
    private static final class OneTask implements Hand<Runnable> {
        private final Thread thread = Thread.currentThread();

        @Override
        public void work(Runnable task) {
            task.run();
        }

        @Override
        public void cancel() {
            thread.interrupt();
        }

        @Override
        public void close() {
            // each task closes what it opens
        }
    }
}

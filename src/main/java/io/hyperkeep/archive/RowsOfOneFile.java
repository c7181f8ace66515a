package io.hyperkeep.archive;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DumpedRelation;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts and digests the rows in an archive in custom format, which only pg_restore can take out. Not thread-safe. */
final class RowsOfOneFile {
    private static final Duration TIMEOUT = Duration.ofDays(30);

    private final Path archive;
    private final ClientTools tools;
    private final int major;

    RowsOfOneFile(Path backup, DatabaseDump dump, ClientTools tools) {
        this.archive = backup.resolve(dump.format().archive());
        this.tools = tools;
        this.major = dump.major();
    }

    /**
     * Reads them.
     *
     * @param relations in no particular order
     * @param jobs number of threads, and of processes of pg_restore
     * @throws BackupException CLIENT_TOOL when pg_restore fails, or there is none; DAMAGED when it prints something else
     */
    Map<DumpedRelation, CopiedRows.Sum> read(List<DumpedRelation> relations, int jobs) {
        ClientTool pgRestore = tools.find("pg_restore", major);
        Map<DumpedRelation, CopiedRows.Sum> sums = new ConcurrentHashMap<>();
        Crew.work("archive", jobs, parts(relations, jobs), () -> new Reading(pgRestore, sums));
        return sums;
    }

    /** As many parts as jobs: each has pg_restore read the archive's list of entries. */
    private static List<List<DumpedRelation>> parts(List<DumpedRelation> relations, int jobs) {
        List<List<DumpedRelation>> parts = new ArrayList<>();
        for (int part = 0; part < Math.min(jobs, relations.size()); part++) {
            List<DumpedRelation> every = new ArrayList<>();
            for (int i = part; i < relations.size(); i += jobs) {
                every.add(relations.get(i));
            }
            parts.add(every);
        }
        return parts;
    }

    /** Has pg_restore print parts; an interrupt ends it. */
    private final class Reading implements Hand<List<DumpedRelation>> {
        private final Thread thread = Thread.currentThread();
        private final ClientTool pgRestore;
        private final Map<DumpedRelation, CopiedRows.Sum> sums;

        Reading(ClientTool pgRestore, Map<DumpedRelation, CopiedRows.Sum> sums) {
            this.pgRestore = pgRestore;
            this.sums = sums;
        }

        @Override
        public void work(List<DumpedRelation> part) {
            List<CopiedRows.Sum> read = printed(pgRestore, part);
            for (int i = 0; i < read.size(); i++) {
                sums.put(part.get(i), read.get(i));
            }
        }

        @Override
        public void cancel() {
            thread.interrupt();
        }

        @Override
        public void close() {
            // pg_restore ends with each call
        }
    }

    private List<CopiedRows.Sum> printed(ClientTool pgRestore, List<DumpedRelation> part) {
        List<CopiedRows.Sum> sums = new ArrayList<>();
        Path list = null;
        try {
            list = Files.createTempFile("hyperkeep-", ".list");
            Files.write(
                    list, part.stream().map(relation -> relation.entry() + ";").toList());
            ClientProcess.offline(pgRestore)
                    .arguments("--data-only", "--use-list=" + list, "--file=-", archive.toString())
                    .timeout(TIMEOUT)
                    .read(script -> sums.addAll(PrintedRows.read(script)));
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot list what to read of " + archive + ": " + e.getMessage(), null, e);
        } finally {
            delete(list);
        }
        if (sums.size() != part.size()) {
            throw new BackupException(
                    Problem.DAMAGED,
                    archive + " is damaged: it has the rows of " + sums.size() + " relations where " + part.size()
                            + " are expected",
                    "copy this file again from where the backup was copied from, or use another backup");
        }
        return sums;
    }

    private static void delete(@Nullable Path list) {
        if (list != null) {
            try {
                Files.deleteIfExists(list);
            } catch (IOException e) {
                throw StorageErrors.writing(list.toString(), e);
            }
        }
    }
}

package io.hyperkeep.archive;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.manifest.DumpedRelation;
import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.problem.BackupException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an archive says of the rows of each relation. Thread-safe. */
@FunctionalInterface
interface ArchiveSums {
    /**
     * Number and digest of a relation's rows.
     *
     * @throws BackupException DAMAGED when the archive is not what it was
     */
    CopiedRows.Sum of(DumpedRelation relation) throws InterruptedException;

    /**
     * Of an archive.
     *
     * @param backup the backup's folder
     * @param relations that will be asked for; of an archive in one file all are read at once, before this returns
     * @param tools finds pg_restore, which such a file needs
     * @param jobs how many threads read it then
     */
    static ArchiveSums of(Path backup, DatabaseDump dump, List<DumpedRelation> relations, ClientTools tools, int jobs) {
        if (dump.format() == DumpFormat.CUSTOM) {
            return new RowsOfOneFile(backup, dump, tools).read(relations, jobs)::get;
        }
        Map<String, FileEntry> files =
                dump.files().stream().collect(Collectors.toMap(FileEntry::file, Function.identity()));
        return relation ->
                ArchivedRows.read(backup, Objects.requireNonNull(files.get(relation.file()), relation.file()));
    }
}

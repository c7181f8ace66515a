package io.hyperkeep.check;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.Repository;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Looks whether the repository can be written, and whether a backup is likely to fit. */
final class CheckRepository implements Check {
    private static final String NAME = "repository";
    /** CSV under zstd takes about this part of the tables' size on disk; data differ much, so it is a guess. */
    private static final int SHRINKS_TO_ONE_IN = 4;

    private static final long MIB = 1 << 20;

    private final CheckRequest request;

    CheckRepository(CheckRequest request) {
        this.request = request;
    }

    @Override
    public List<Finding> run(Subject subject) {
        return look(
                subject.selected().stream().mapToLong(CheckedTable::totalBytes).sum());
    }

    /** What can be said when the tables' size is not known. */
    List<Finding> withoutDatabase() {
        return look(0);
    }

    private List<Finding> look(long tableBytes) {
        Path root = request.repository();
        if (root == null) {
            return List.of(Finding.ok(NAME, "none was given: neither it nor its space is checked"));
        }
        try {
            boolean exists = Repository.isIn(root);
            if (!exists) {
                Repository.requireRoomFor(root);
            }
            List<BackupFolder> backups = exists ? backups(Repository.open(root)) : List.of();
            Path folder = nearestFolder(root);
            requireWritable(folder);
            List<Finding> findings = new ArrayList<>();
            findings.add(Finding.ok(
                    NAME,
                    root
                            + (exists
                                    ? " is a repository that can be written, with "
                                            + Listed.count(backups.size(), "backup") + " of this database"
                                    : " will be created by the first backup")));
            findings.add(space(folder, tableBytes, backups));
            return findings;
        } catch (BackupException e) {
            return List.of(Finding.error(NAME, e));
        } catch (IOException e) {
            return List.of(Finding.error(NAME, StorageErrors.reading(root.toString(), e)));
        }
    }

    private List<BackupFolder> backups(Repository repository) {
        String folder = FileNames.of(request.name());
        return repository.backups().stream()
                .filter(backup ->
                        folder.equals(Objects.toString(backup.databaseFolder().getFileName())))
                .toList();
    }

    private static Path nearestFolder(Path root) {
        Path folder = root.toAbsolutePath();
        while (!Files.isDirectory(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** Writes a file and removes it: permissions alone tell little, of network file systems least of all. */
    private static void requireWritable(Path folder) {
        try {
            Path probe = Files.createTempFile(folder, ".hyperkeep-check-", ".tmp");
            Files.delete(probe);
        } catch (IOException e) {
            throw StorageErrors.writing(folder.toString(), e);
        }
    }

    static Finding space(Path folder, long tableBytes, List<BackupFolder> backups) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        @Nullable Long last = lastBytes(backups);
        long needed = last != null ? last : tableBytes / SHRINKS_TO_ONE_IN;
        String what = size(free) + " free, a backup may take about " + size(needed)
                + (last != null ? " as the last one did" : " (an estimate: a quarter of the tables' size on disk)");
        return needed <= free
                ? Finding.ok("space", what)
                : Finding.warning(
                        "space", what, "make room there, or choose a repository on a file system with more space.");
    }

    /** Null when there is none that can be read: `verify` is for telling what is wrong with it. */
    private static @Nullable Long lastBytes(List<BackupFolder> backups) {
        if (backups.isEmpty()) {
            return null;
        }
        try {
            return backups.get(backups.size() - 1).manifest().totals().bytes();
        } catch (BackupException e) {
            if (e.problem() == Problem.DAMAGED || e.problem() == Problem.STORAGE) {
                return null;
            }
            throw e;
        }
    }

    private static String size(long bytes) {
        return (bytes + MIB - 1) / MIB + " MiB";
    }
}

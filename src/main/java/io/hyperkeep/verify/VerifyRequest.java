package io.hyperkeep.verify;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which backups to verify: one by its folder, or what a repository has when it begins.
 *
 * @param plan the plan that it is for, or null
 * @param repository the repository's folder, or null when the backup's folder is given
 * @param database the database's name, or null for every one in the repository
 * @param backup the backup's folder, or null
 * @param latest whether only the newest one of the repository is meant
 * @param jobs number of files that are read at the same time, at least 1
 */
public record VerifyRequest(
        @Nullable String plan,
        @Nullable Path repository,
        @Nullable String database,
        @Nullable Path backup,
        boolean latest,
        int jobs) {
    /** One backup, wherever it is. */
    public static VerifyRequest of(BackupFolder backup, @Nullable String plan, int jobs) {
        Path name = backup.databaseFolder().getFileName();
        return new VerifyRequest(plan, null, name == null ? null : name.toString(), backup.path(), false, jobs);
    }

    /** The newest backup of a database. */
    public static VerifyRequest latest(@Nullable String plan, Path repository, String database, int jobs) {
        return new VerifyRequest(plan, repository, database, null, true, jobs);
    }

    /**
     * Every backup, files that they share once.
     *
     * @param database null for every one in the repository
     */
    public static VerifyRequest every(@Nullable String plan, Path repository, @Nullable String database, int jobs) {
        return new VerifyRequest(plan, repository, database, null, false, jobs);
    }

    /**
     * The backups, oldest first.
     *
     * @throws BackupException NOT_FOUND when there is none; what {@link Repository#open} throws
     */
    public List<BackupFolder> backups() {
        if (backup != null) {
            return List.of(new BackupFolder(backup));
        }
        if (repository == null) {
            throw new IllegalStateException("neither a backup nor a repository was said");
        }
        Repository opened = Repository.open(repository);
        List<BackupFolder> found = database == null
                ? opened.backups()
                : opened.database(FileNames.of(database)).backups();
        if (found.isEmpty()) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no backup yet in repository " + repository
                            + (database == null ? "" : ", database '" + database + "'"),
                    "`hyperkeep runs` shows what ran and how it ended.");
        }
        return latest ? List.of(found.get(found.size() - 1)) : found;
    }
}

package io.hyperkeep.retention;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FileNames;
import io.hyperkeep.storage.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What to prune, and by which rules.
 *
 * @param repository the repository's folder
 * @param database the database's name, or null for every one in the repository
 * @param rules what stays
 */
public record PruneRequest(Path repository, @Nullable String database, PruneRules rules) {
    /** The plan whose backups it is about, or null. */
    public @Nullable String plan() {
        return rules.plan();
    }

    /**
     * The folders to prune.
     *
     * @throws BackupException NOT_FOUND when there are no backups of that database, unless a plan says that there are to
     *     be some; what {@link Repository#open} throws
     */
    public List<DatabaseFolder> folders() {
        Repository opened = Repository.open(repository);
        if (database == null) {
            return opened.databases();
        }
        DatabaseFolder folder = opened.database(FileNames.of(database));
        List<DatabaseFolder> present = opened.databases();
        if (plan() == null && present.stream().noneMatch(other -> other.name().equals(folder.name()))) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there are no backups of database '" + database + "' in repository " + repository,
                    present.isEmpty()
                            ? "it is empty."
                            : "it has those of "
                                    + present.stream().map(DatabaseFolder::name).collect(Collectors.joining(", "))
                                    + ".");
        }
        return List.of(folder);
    }
}

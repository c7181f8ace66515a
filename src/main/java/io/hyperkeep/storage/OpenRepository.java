package io.hyperkeep.storage;

import java.nio.file.Path;

/** Opens the repository that a backup is written to. Thread-safe. */
@FunctionalInterface
public interface OpenRepository {
    /**
     * Opens it.
     *
     * @throws io.hyperkeep.problem.BackupException as {@link Repository#openOrCreate}
     */
    Repository openOrCreate(Path root);
}

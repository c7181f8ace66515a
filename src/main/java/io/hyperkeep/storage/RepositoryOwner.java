package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;

/**
 * Whether what this process writes to a repository belongs to the repository's owner. Files are 0600: what another user
 * writes, the owner can neither read nor verify, and what another user deletes, the owner misses. Pure functions.
 */
final class RepositoryOwner {
    private RepositoryOwner() {}

    /**
     * Requires that a file of this process belongs to the repository's owner. The file system decides whose file it is: one
     * that gives every file to the same user, as network file systems may, has one owner only.
     *
     * @throws BackupException DENIED when it would be another user's
     * @throws IOException when the repository cannot be looked at or written
     */
    static void require(Path root) throws IOException {
        UserPrincipal owner;
        try {
            owner = Files.getOwner(root.resolve(Repository.MARKER));
        } catch (NoSuchFileException | UnsupportedOperationException e) {
            // a copy without its marker, or a file system without owners
            return;
        }
        if (!owner.equals(ownerOfNewFile(root))) {
            throw new BackupException(
                    Problem.DENIED,
                    "repository " + root + " belongs to user " + owner.getName() + ", and this process runs as user "
                            + System.getProperty("user.name")
                            + ": what it writes there could not be read by the owner",
                    "run hyperkeep as user " + owner.getName() + ", or give the whole repository to one user with"
                            + " chown -R.");
        }
    }

    private static UserPrincipal ownerOfNewFile(Path root) throws IOException {
        Path probe;
        try {
            probe = Files.createTempFile(root, "." + Repository.MARKER + ".", ".tmp");
        } catch (AccessDeniedException e) {
            // only the owner may write
            return Files.getOwner(Path.of("/proc/self"));
        }
        try {
            return Files.getOwner(probe);
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}

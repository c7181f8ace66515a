package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * What is at a path. Unlike {@link Files#exists} and its like, it never takes something that this process may not look at
 * for something that is not there. Pure functions.
 */
public final class FileKind {
    private FileKind() {}

    /**
     * Whether a regular file is there, links followed.
     *
     * @throws BackupException STORAGE when that cannot be found out
     */
    public static boolean isFile(Path path) {
        return attributes(path).map(BasicFileAttributes::isRegularFile).orElse(false);
    }

    /**
     * Whether a folder is there, links followed.
     *
     * @throws BackupException STORAGE when that cannot be found out
     */
    public static boolean isFolder(Path path) {
        return attributes(path).map(BasicFileAttributes::isDirectory).orElse(false);
    }

    /**
     * Whether anything is there, links followed.
     *
     * @throws BackupException STORAGE when that cannot be found out
     */
    public static boolean exists(Path path) {
        return attributes(path).isPresent();
    }

    private static Optional<BasicFileAttributes> attributes(Path path) {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).endsWith(": Not a directory")) {
                // a file stands where a folder of the path would be
                return Optional.empty();
            }
            throw StorageErrors.reading(path.toString(), e);
        }
    }
}

package io.hyperkeep.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * A place that keeps files by path. Paths are relative, with {@code /}, and made of {@link FileNames}.
 *
 * <p>Contract: thread-safe. A file is either absent or complete. Writing a path that exists replaces it at once.
 * Errors are {@link IOException}s whose message names the path.
 */
public interface BackupStore {
    /**
     * Begins a file that nobody sees until it is committed. The caller closes it; closing without a commit discards it.
     *
     * @param folder where the file will be; created when missing
     * @param name distinguishes unfinished files of the folder from each other
     */
    PendingFile begin(String folder, String name) throws IOException;

    /**
     * Opens a file for reading; the caller closes it.
     *
     * @throws java.nio.file.NoSuchFileException when there is none
     */
    InputStream open(String path) throws IOException;

    /** The file's length in bytes, or empty when there is no such file. */
    OptionalLong size(String path) throws IOException;

    /** Names of the files and folders directly below a folder, sorted; empty when there is no such folder. */
    List<String> list(String folder) throws IOException;

    /**
     * Creates a folder that must not exist yet.
     *
     * @return false when it exists already
     */
    boolean createFolder(String path) throws IOException;

    /** Deletes a file; does nothing when there is none. */
    void delete(String path) throws IOException;
}

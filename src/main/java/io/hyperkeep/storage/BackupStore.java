package io.hyperkeep.storage;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

    /**
     * Deletes a file or an empty folder; does nothing when there is none. After a power failure it may be there again,
     * unless {@link #force} was called.
     *
     * @throws java.nio.file.DirectoryNotEmptyException when it is a folder that holds something
     */
    void delete(String path) throws IOException;

    /** Makes it last that files directly below a folder were deleted. */
    void force(String folder) throws IOException;

    /** When the file or folder was last written or touched, as now known to all who share it; empty when there is none. */
    Optional<Instant> modified(String path) throws IOException;

    /**
     * Changes the time at which a file was modified; never creates it.
     *
     * @return false when there is no such file
     */
    boolean touch(String path, Instant time) throws IOException;
}

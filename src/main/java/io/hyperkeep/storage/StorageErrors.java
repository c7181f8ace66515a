package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;

/** Says what an {@link IOException} of a repository means to a person. */
public final class StorageErrors {
    /** As strerror has them: Java does not tell the error's number. */
    private static final List<String> PASSING = List.of(
            "input/output error",
            "resource temporarily unavailable",
            "device or resource busy",
            "stale file handle",
            "timed out",
            "too many open files");

    private StorageErrors() {}

    /** A failure to write. */
    public static BackupException writing(String path, IOException e) {
        return new BackupException(
                Problem.STORAGE, "cannot write " + path + ": " + reason(e), hint(e), e, isPassing(e));
    }

    /** A failure to read. */
    public static BackupException reading(String path, IOException e) {
        return new BackupException(Problem.STORAGE, "cannot read " + path + ": " + reason(e), hint(e), e, isPassing(e));
    }

    /**
     * Whether the same may succeed a little later, without anybody doing anything: what a network file system, a bad
     * cable or a crowded machine does now and then (EIO, EAGAIN, EBUSY, ESTALE, ETIMEDOUT, EMFILE, ENFILE). A full disk, a
     * quota, a missing right, file or mount, and everything that is not known here, is permanent.
     */
    public static boolean isPassing(IOException e) {
        String reason = reason(e);
        return e instanceof SocketTimeoutException || PASSING.stream().anyMatch(reason::contains);
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        // the exception's own message only repeats the path
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason.toLowerCase(Locale.ROOT);
    }

    private static String hint(IOException e) {
        String reason = reason(e);
        if (reason.contains("no space left") || reason.contains("quota")) {
            return "free space there, or choose another repository; nothing half-written was left behind";
        }
        if (reason.contains("read-only")) {
            return "mount the file system writable, or choose another repository";
        }
        if (reason.equals("permission denied")) {
            return "the user that runs hyperkeep must own the folder, or may be given it with chown";
        }
        return "look at the file system and the system's log";
    }
}

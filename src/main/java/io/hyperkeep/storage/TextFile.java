package io.hyperkeep.storage;

import io.hyperkeep.manifest.FileEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Writes small files of a backup's folder. Thread-safe: it has no state. */
public final class TextFile {
    private TextFile() {}

    /**
     * Writes one, private and forced to disk, at once or not at all.
     *
     * @param root the store's folder, for messages
     * @param folder the backup's folder in the store
     * @param path of the file below that folder, with {@code /}
     * @return what a manifest says of it
     * @throws io.hyperkeep.problem.BackupException STORAGE
     */
    public static FileEntry write(BackupStore store, Path root, String folder, String path, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        try (PendingFile file = store.begin(slash < 0 ? folder : folder + "/" + path.substring(0, slash), name)) {
            file.stream().write(bytes);
            file.commit(name);
        } catch (IOException e) {
            throw StorageErrors.writing(root.resolve(folder).resolve(path).toString(), e);
        }
        return new FileEntry(path, bytes.length, HexFormat.of().formatHex(sha256(bytes)));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

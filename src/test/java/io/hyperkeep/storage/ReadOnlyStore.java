package io.hyperkeep.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A folder on a file system that is mounted read-only, as Java tells it. */
final class ReadOnlyStore implements BackupStore {
    private final BackupStore store;

    ReadOnlyStore(Path root) {
        this.store = new LocalStore(root);
    }

    private static FileSystemException refused(String path) {
        return new FileSystemException(path, null, "Read-only file system");
    }

    @Override
    public PendingFile begin(String folder, String name) throws IOException {
        throw refused(folder);
    }

    @Override
    public InputStream open(String path) throws IOException {
        return store.open(path);
    }

    @Override
    public OptionalLong size(String path) throws IOException {
        return store.size(path);
    }

    @Override
    public List<String> list(String folder) throws IOException {
        return store.list(folder);
    }

    @Override
    public boolean createFolder(String path) throws IOException {
        throw refused(path);
    }

    @Override
    public void delete(String path) throws IOException {
        throw refused(path);
    }

    @Override
    public void force(String folder) throws IOException {
        throw refused(folder);
    }

    @Override
    public Optional<Instant> modified(String path) throws IOException {
        return store.modified(path);
    }

    @Override
    public boolean touch(String path, Instant time) throws IOException {
        throw refused(path);
    }
}

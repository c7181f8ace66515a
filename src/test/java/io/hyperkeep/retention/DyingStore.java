package io.hyperkeep.retention;

import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.LocalStore;
import io.hyperkeep.storage.PendingFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * A store whose process dies at a chosen operation, and with it the machine's power: what was deleted and not forced comes
 * back or does not, as chance has it. For one thread.
 */
final class DyingStore implements BackupStore {
    private final Path root;
    private final BackupStore store;
    private final Map<Path, byte[]> unforced = new LinkedHashMap<>();
    private int left;

    /** @param operations how many it does before it dies */
    DyingStore(Path root, int operations) {
        this.root = root;
        this.store = new LocalStore(root);
        this.left = operations;
    }

    /** The end of the process; no handler of exceptions is meant to catch it. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    private void live() {
        if (left <= 0) {
            throw new Died();
        }
        left--;
    }

    /** What a power failure brings back: each file that was deleted and not forced, with even chance. */
    void losePower(Random random) {
        unforced.forEach((file, content) -> {
            if (random.nextBoolean()) {
                try {
                    Files.createDirectories(file.getParent());
                    Files.write(file, content);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    @Override
    public PendingFile begin(String folder, String name) throws IOException {
        live();
        return store.begin(folder, name);
    }

    @Override
    public InputStream open(String path) throws IOException {
        live();
        return store.open(path);
    }

    @Override
    public OptionalLong size(String path) throws IOException {
        live();
        return store.size(path);
    }

    @Override
    public List<String> list(String folder) throws IOException {
        live();
        return store.list(folder);
    }

    @Override
    public boolean createFolder(String path) throws IOException {
        live();
        return store.createFolder(path);
    }

    @Override
    public void delete(String path) throws IOException {
        live();
        Path file = root.resolve(path);
        if (Files.isRegularFile(file) && !path.contains("/locks/")) {
            unforced.put(file, Files.readAllBytes(file));
        }
        store.delete(path);
    }

    @Override
    public void force(String folder) throws IOException {
        live();
        unforced.keySet().removeIf(file -> file.getParent().equals(root.resolve(folder)));
        store.force(folder);
    }

    @Override
    public Optional<Instant> modified(String path) throws IOException {
        live();
        return store.modified(path);
    }

    @Override
    public boolean touch(String path, Instant time) throws IOException {
        return store.touch(path, time);
    }
}

package io.hyperkeep.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** A folder of the machine as a store. Thread-safe. */
public final class LocalStore implements BackupStore {
    private static final FileAttribute<?> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;

    /** @param root the folder; created when the first file is begun */
    public LocalStore(Path root) {
        this.root = root;
    }

    @Override
    public PendingFile begin(String folder, String name) throws IOException {
        Path parent = root.resolve(folder);
        createFolders(parent);
        Path temporary = parent.resolve(temporary(name));
        // an earlier attempt that died may have left one
        Files.deleteIfExists(temporary);
        FileChannel channel = FileChannel.open(
                temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE_FILE);
        return new LocalPendingFile(parent, temporary, channel);
    }

    @Override
    public InputStream open(String path) throws IOException {
        return Files.newInputStream(root.resolve(path));
    }

    @Override
    public OptionalLong size(String path) throws IOException {
        try {
            return OptionalLong.of(Files.size(root.resolve(path)));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public List<String> list(String folder) throws IOException {
        try (Stream<Path> entries = Files.list(root.resolve(folder))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
    }

    @Override
    public boolean createFolder(String path) throws IOException {
        Path folder = root.resolve(path);
        createFolders(folder.getParent());
        try {
            Files.createDirectory(folder, PRIVATE_FOLDER);
            force(folder.getParent());
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(root.resolve(path));
    }

    @Override
    public void force(String folder) throws IOException {
        force(root.resolve(folder));
    }

    @Override
    public Optional<Instant> modified(String path) throws IOException {
        // opening is what makes a client of NFS ask the server; it may answer a mere stat from memory
        try {
            FileChannel.open(root.resolve(path), StandardOpenOption.READ).close();
            return Optional.of(Files.getLastModifiedTime(root.resolve(path)).toInstant());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean touch(String path, Instant time) throws IOException {
        try {
            Files.setLastModifiedTime(root.resolve(path), FileTime.from(time));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** The name of a file that is not committed. */
    static String temporary(String name) {
        return "." + name + ".tmp";
    }

    private static void createFolders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                createFolders(parent);
            }
            try {
                Files.createDirectory(folder, PRIVATE_FOLDER);
            } catch (FileAlreadyExistsException e) {
                // another worker of ours was faster; anything but a folder fails on the first use
            }
            if (parent != null) {
                force(parent);
            }
        }
    }

    /** A rename or a new entry is durable only when its folder was forced too. */
    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static final class LocalPendingFile implements PendingFile {
        private final Path folder;
        private final Path temporary;
        private final FileChannel channel;
        private boolean committed;

        LocalPendingFile(Path folder, Path temporary, FileChannel channel) {
            this.folder = folder;
            this.temporary = temporary;
            this.channel = channel;
        }

        @Override
        public OutputStream stream() {
            return Channels.newOutputStream(channel);
        }

        @Override
        public void commit(String name) throws IOException {
            channel.force(true);
            channel.close();
            Files.move(
                    temporary,
                    folder.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            committed = true;
            force(folder);
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!committed) {
                Files.deleteIfExists(temporary);
            }
        }
    }
}

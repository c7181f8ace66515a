package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder that keeps the backups of any number of databases. Thread-safe.
 *
 * <p>The layout is specified in {@code src/docs/backup-format.md}.
 */
public final class Repository {
    /** The newest repository format that this version reads, and the one that it creates. */
    public static final int FORMAT_VERSION = 1;

    /** The file that makes a folder a repository. */
    static final String MARKER = "hyperkeep.json";

    private final Path root;
    private final BackupStore store;
    private final String id;

    private Repository(Path root, BackupStore store, String id) {
        this.root = root;
        this.store = store;
        this.id = id;
    }

    /**
     * Opens a repository that exists.
     *
     * @throws BackupException when there is none, it is of a newer format, or it can not be read
     */
    public static Repository open(Path root) {
        if (!isIn(root)) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no repository in " + root + ": it has no " + MARKER,
                    "give the folder that `hyperkeep backup --repository` was given");
        }
        return read(root);
    }

    /**
     * Opens a repository, creating it in a folder that is missing or empty. Several may do so at the same time, as the
     * first backups of plans that begin together do.
     *
     * @throws BackupException when the folder holds other things, or can not be written
     */
    public static Repository openOrCreate(Path root) {
        if (!isIn(root)) {
            try {
                create(root);
            } catch (BackupException e) {
                if (!isIn(root)) {
                    throw e;
                }
                // somebody else created it in this moment
            }
        }
        return read(root);
    }

    private static void create(Path root) {
        requireRoomFor(root);
        BackupStore store = new LocalStore(root);
        String id = UUID.randomUUID().toString();
        // an unfinished file of its own for each who tries
        try (PendingFile marker = store.begin("", MARKER + "." + id)) {
            String json = "{\n  \"formatVersion\" : " + FORMAT_VERSION + ",\n  \"repositoryId\" : \"" + id + "\"\n}\n";
            marker.stream().write(json.getBytes(StandardCharsets.UTF_8));
            marker.commit(MARKER);
            // of who was killed; who still tries finds this one instead
            for (String name : store.list("")) {
                if (isUnfinished(name)) {
                    store.delete(name);
                }
            }
        } catch (IOException e) {
            throw StorageErrors.writing(root.toString(), e);
        }
    }

    private static boolean isUnfinished(String name) {
        return name.startsWith("." + MARKER) && name.endsWith(".tmp");
    }

    /**
     * Whether there is a repository.
     *
     * @throws BackupException STORAGE when the folder cannot be looked at
     */
    public static boolean isIn(Path root) {
        return FileKind.isFile(root.resolve(MARKER));
    }

    /**
     * Requires that a repository could be created, but for the file system's permissions.
     *
     * @throws BackupException when something else is there
     */
    public static void requireRoomFor(Path root) {
        try {
            if (FileKind.exists(root) && !FileKind.isFolder(root)) {
                throw new BackupException(
                        Problem.STORAGE, "the repository " + root + " is not a folder", "give a folder");
            }
            // what a creation leaves that was killed is deleted by the next one
            List<String> others = new LocalStore(root)
                    .list("").stream().filter(name -> !isUnfinished(name)).toList();
            if (!others.isEmpty()) {
                throw new BackupException(
                        Problem.STORAGE,
                        "the folder " + root + " is not a repository, and not empty: it has " + others.get(0),
                        "give an empty or a new folder");
            }
        } catch (IOException e) {
            throw StorageErrors.reading(root.toString(), e);
        }
    }

    private static Repository read(Path root) {
        BackupStore store = new LocalStore(root);
        try (InputStream in = store.open(MARKER)) {
            JsonNode marker = JsonMapper.shared().readTree(in);
            int version = marker.path("formatVersion").asInt(0);
            if (version > FORMAT_VERSION) {
                throw new BackupException(
                        Problem.STORAGE,
                        "the repository " + root + " is of format " + version + ", this version reads up to "
                                + FORMAT_VERSION,
                        "use the hyperkeep that wrote it, or a newer one");
            }
            return new Repository(root, store, marker.path("repositoryId").asString(""));
        } catch (IOException e) {
            throw StorageErrors.reading(root.resolve(MARKER).toString(), e);
        } catch (JacksonException e) {
            throw new BackupException(
                    Problem.DAMAGED, root.resolve(MARKER) + " is cut or altered", "restore that file", e);
        }
    }

    /** The same with something in front of its store, which sees every operation. */
    public Repository through(UnaryOperator<BackupStore> front) {
        return new Repository(root, front.apply(store), id);
    }

    /** The folder. */
    public Path root() {
        return root;
    }

    /** Tells this repository from every other one. */
    public String id() {
        return id;
    }

    /** Its files, by paths below {@link #root()}. */
    public BackupStore store() {
        return store;
    }

    /** The folder of a database; it need not be there. */
    public DatabaseFolder database(String folder) {
        return new DatabaseFolder(store, root, folder);
    }

    /**
     * The folder of every database that has backups, sealed or not.
     *
     * @throws BackupException when the repository can not be read
     */
    public List<DatabaseFolder> databases() {
        try {
            List<DatabaseFolder> found = new ArrayList<>();
            for (String name : store.list("")) {
                if (!store.list(name + "/backups").isEmpty()) {
                    found.add(database(name));
                }
            }
            return found;
        } catch (IOException e) {
            throw StorageErrors.reading(root.toString(), e);
        }
    }

    /** Sealed backups of every database, oldest first; unsealed ones do not exist. */
    public List<BackupFolder> backups() {
        return databases().stream()
                .flatMap(database -> database.backups().stream())
                .sorted(Comparator.comparing(BackupFolder::id).thenComparing(BackupFolder::databaseFolder))
                .toList();
    }
}

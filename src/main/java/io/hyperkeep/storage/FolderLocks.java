package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The locks on a database's folder: who deletes there is alone with the folder, who writes backups is the only one who
 * does. Thread-safe.
 *
 * <p>Each lock is a file of its own in {@code locks}. Whoever wants one writes it first and looks for others then, so of
 * two who come at the same time at least one sees the other, and makes way. A holder that is dead is told from one that is
 * silent without comparing clocks: on the same machine by its process, elsewhere by watching whether its file is
 * touched. Decision 0010 has the reasons.
 */
public final class FolderLocks {
    private static final int MOST_TRIES = 4;
    private static final int LONGEST_PAUSE_MILLIS = 400;

    private final DatabaseFolder folder;
    private final RunProcess process;
    private final Clock clock;
    private final Timing timing;
    private final Consumer<String> log;

    /**
     * How a holder shows that it lives.
     *
     * @param beat how often it touches its file
     * @param silence without a touch for so long, while somebody watches, it is dead
     */
    public record Timing(Duration beat, Duration silence) {
        /** Network file systems may answer from memory for a minute. */
        public static final Timing STANDARD = new Timing(Duration.ofSeconds(10), Duration.ofSeconds(120));
    }

    /**
     * @param folder the database's
     * @param log told what takes long, and what was found dead
     */
    public FolderLocks(DatabaseFolder folder, Clock clock, Consumer<String> log) {
        this(folder, RunProcess.current(), clock, Timing.STANDARD, log);
    }

    FolderLocks(DatabaseFolder folder, RunProcess process, Clock clock, Timing timing, Consumer<String> log) {
        this.log = log;
        this.folder = folder;
        this.process = process;
        this.clock = clock;
        this.timing = timing;
    }

    /** The locks of another folder, by the same rules. */
    public FolderLocks of(DatabaseFolder other) {
        return new FolderLocks(other, process, clock, timing, log);
    }

    /**
     * Takes a lock, or fails within seconds when somebody who lives has one that it does not go with.
     *
     * @param what for people, such as {@code backup run 12}
     * @param lost told once, from another thread, when the lock was taken away
     * @return the lock; the caller closes it
     * @throws BackupException LOCKED, naming the holder; DENIED when the repository belongs to another user; STORAGE;
     *     INTERRUPTED
     */
    public FolderLock acquire(FolderUse use, String what, Consumer<BackupException> lost) {
        try {
            RepositoryOwner.require(folder.root());
            return take(use, what, lost);
        } catch (IOException e) {
            throw StorageErrors.writing(
                    folder.root().resolve(folder.locksPath()).toString(), e);
        }
    }

    /**
     * Takes a lock for reading, if this process may write there at all: a repository that is mounted read-only, or that
     * belongs to somebody else, can be read without.
     *
     * @throws BackupException as {@link #acquire}
     */
    public Optional<FolderLock> acquireToRead(String what, Consumer<BackupException> lost) {
        try {
            RepositoryOwner.require(folder.root());
            return Optional.of(take(FolderUse.READ, what, lost));
        } catch (BackupException e) {
            if (e.problem() == Problem.DENIED) {
                return Optional.empty();
            }
            throw e;
        } catch (AccessDeniedException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (String.valueOf(e.getReason()).contains("Read-only file system")) {
                return Optional.empty();
            }
            throw StorageErrors.writing(
                    folder.root().resolve(folder.locksPath()).toString(), e);
        } catch (IOException e) {
            throw StorageErrors.writing(
                    folder.root().resolve(folder.locksPath()).toString(), e);
        }
    }

    private FolderLock take(FolderUse use, String what, Consumer<BackupException> lost) throws IOException {
        LockHolder holder = LockHolder.of(use, what, process, clock.instant());
        for (int tries = 1; ; tries++) {
            String name = UUID.randomUUID() + ".json";
            FolderLock mine = write(name, holder, lost);
            boolean held = false;
            try {
                Optional<Other> other = inTheWay(use, name);
                held = other.isEmpty();
                if (held) {
                    return mine;
                }
                if (tries == MOST_TRIES) {
                    throw locked(use, other.get());
                }
            } finally {
                if (!held) {
                    mine.close();
                }
            }
            // if both only came at the same time, one of them comes earlier now
            sleep(ThreadLocalRandom.current().nextInt(LONGEST_PAUSE_MILLIS) + 1L);
        }
    }

    private FolderLock write(String name, LockHolder holder, Consumer<BackupException> lost) throws IOException {
        String path = folder.locksPath();
        try (PendingFile file = folder.store().begin(path, name)) {
            file.stream()
                    .write((JsonMapper.shared().writeValueAsString(holder) + "\n").getBytes(StandardCharsets.UTF_8));
            file.commit(name);
        }
        return new FolderLock(folder.store(), path + "/" + name, place(), clock, timing.beat(), lost);
    }

    /** @param holder null when its file can not be read, so that it may be anything */
    private record Other(String path, @Nullable LockHolder holder) {}

    /** Somebody who lives and does not go with this use; the locks of the dead are removed on the way. */
    private Optional<Other> inTheWay(FolderUse use, String mine) throws IOException {
        for (String name : folder.store().list(folder.locksPath())) {
            if (!name.endsWith(".json") || name.equals(mine)) {
                continue;
            }
            Other other = read(folder.locksPath() + "/" + name);
            if (other != null && !goesWith(use, other) && lives(other)) {
                return Optional.of(other);
            }
        }
        return Optional.empty();
    }

    private static boolean goesWith(FolderUse use, Other other) {
        return other.holder() != null && use.goesWith(other.holder().use());
    }

    private @Nullable Other read(String path) throws IOException {
        try (InputStream in = folder.store().open(path)) {
            return new Other(path, JsonMapper.shared().readValue(in, LockHolder.class));
        } catch (NoSuchFileException e) {
            // it has just been given back
            return null;
        } catch (JacksonException e) {
            return new Other(path, null);
        }
    }

    private boolean lives(Other other) throws IOException {
        RunProcess.Presence presence = other.holder() == null
                ? RunProcess.Presence.UNKNOWN
                : other.holder().process().presence();
        boolean lives =
                switch (presence) {
                    case THERE -> true;
                    case GONE -> false;
                    case UNKNOWN -> isTouched(other);
                };
        if (!lives && folder.store().size(other.path()).isPresent()) {
            log.accept("removed the lock of " + described(other) + ", which is dead");
            folder.store().delete(other.path());
        }
        return lives;
    }

    /** Watches until the file is touched, or gone, or has been silent for too long. */
    private boolean isTouched(Other other) throws IOException {
        Optional<Instant> first = folder.store().modified(other.path());
        if (first.isPresent()) {
            log.accept(place() + " is in use by " + described(other) + ": watching for up to "
                    + timing.silence().toSeconds() + " s whether it lives");
        }
        long begin = System.nanoTime();
        while (first.isPresent() && System.nanoTime() - begin < timing.silence().toNanos()) {
            sleep(Math.max(1, timing.beat().toMillis() / 10));
            Optional<Instant> now = folder.store().modified(other.path());
            if (!now.equals(first)) {
                return now.isPresent();
            }
        }
        return false;
    }

    private BackupException locked(FolderUse use, Other other) {
        boolean twoBackups = use == FolderUse.BACKUP
                && other.holder() != null
                && other.holder().use() == FolderUse.BACKUP;
        return new BackupException(
                Problem.LOCKED,
                place() + " is in use by " + described(other),
                twoBackups
                        ? "wait for it to end. If it backs up another database of the same name, give one of them another"
                                + " name in the configuration, or a repository of its own"
                        : "try again when that has ended; `hyperkeep runs list`, on that machine, names it");
    }

    private String place() {
        return "folder " + folder.path();
    }

    private static String described(Other other) {
        return other.holder() == null
                ? "somebody whose lock can not be read, "
                        + Path.of(other.path()).getFileName()
                : other.holder().toString();
    }

    private static void sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(Problem.INTERRUPTED, "interrupted while waiting for a lock", null, e);
        }
    }
}

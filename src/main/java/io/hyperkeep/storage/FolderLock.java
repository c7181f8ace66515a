package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A lock on a database's folder, held until it is closed: a file that is touched again and again, so that others see
 * that its holder lives. Thread-safe. {@link FolderLocks} makes it.
 */
public final class FolderLock implements AutoCloseable {
    private final BackupStore store;
    private final String path;
    private final String place;
    private final Clock clock;
    private final Consumer<BackupException> lost;
    private final ScheduledExecutorService heart;
    private final Duration beat;
    private final Future<?> beating;

    FolderLock(
            BackupStore store, String path, String place, Clock clock, Duration beat, Consumer<BackupException> lost) {
        this.store = store;
        this.path = path;
        this.place = place;
        this.clock = clock;
        this.lost = lost;
        this.heart = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "folder-lock");
            thread.setDaemon(true);
            return thread;
        });
        this.beat = beat;
        this.beating = heart.scheduleWithFixedDelay(this::beat, beat.toNanos(), beat.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void beat() {
        try {
            // never written anew: a lock that somebody took away must not come back
            if (!store.touch(path, clock.instant()) && !beating.isCancelled()) {
                heart.shutdown();
                lost.accept(failure());
            }
        } catch (IOException e) {
            // the next one may succeed; and whoever depends on the lock asks for it with requireHeld
        }
    }

    /**
     * Requires that nobody took the lock away, which others do when its holder does not show that it lives.
     *
     * @throws BackupException LOCKED when it was; STORAGE when the folder can not be read
     */
    public void requireHeld() {
        // opened, not asked for its length: a network file system may answer that from memory
        try {
            store.open(path).close();
        } catch (NoSuchFileException e) {
            throw failure();
        } catch (IOException e) {
            throw StorageErrors.reading(path, e);
        }
    }

    private BackupException failure() {
        return new BackupException(
                Problem.LOCKED,
                "lost the lock on " + place
                        + ": this process showed no sign of life for so long that another one went on" + " without it",
                "was this machine suspended, or the repository's file system away? Run it again");
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        beating.cancel(false);
        if (!giveBack()) {
            // others on this machine see a process that lives, so it must not stay: until this process ends, or it is
            // gone
            heart.scheduleWithFixedDelay(this::giveBack, 0, beat.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private boolean giveBack() {
        try {
            store.delete(path);
            heart.shutdown();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

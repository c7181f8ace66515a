package io.hyperkeep.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.MetadataSettings;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.PrivateFolder;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.h2.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Opens the metadata database, and lets the processes of one home open and close its file one after the other.
 *
 * <p>The first process that opens H2's file serves it to the others, and the next one takes over when it ends. In the
 * moments between, H2 refuses whoever comes; so opening and closing, and all of a command that only looks, happen under a
 * lock of the operating system, which goes with its process however that ends. A PostgreSQL database needs none.
 * Thread-safe.
 */
final class MetadataFile {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** What H2 says while the file changes hands, or while it waits whether a killed process comes back. */
    private static final Set<Integer> CHANGING_HANDS = Set.of(
            ErrorCode.DATABASE_ALREADY_OPEN_1,
            ErrorCode.ERROR_OPENING_DATABASE_1,
            ErrorCode.CONNECTION_BROKEN_1,
            ErrorCode.DATABASE_IS_CLOSED,
            ErrorCode.DATABASE_CALLED_AT_SHUTDOWN);

    private final Configuration configuration;

    MetadataFile(Configuration configuration) {
        this.configuration = configuration;
    }

    private boolean isH2() {
        return configuration.metadata().url() == null;
    }

    /**
     * Waits until no other process opens or closes the file.
     *
     * @return until it is closed, nobody else does
     * @throws BackupException LOCKED when that takes another one very long; STORAGE when the home can not be written
     */
    Turn take() {
        if (!isH2()) {
            return () -> {};
        }
        Path path = PrivateFolder.create(configuration.home()).resolve("metadata.lock");
        boolean taken = false;
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE);
            taken = await(channel);
            if (!taken) {
                throw new BackupException(
                        Problem.LOCKED,
                        "another hyperkeep has been opening or closing the record of runs in " + configuration.home()
                                + " for " + PATIENCE.toSeconds() + " s",
                        "is this machine very busy? Try again, or end that process");
            }
            FileChannel mine = channel;
            return () -> give(mine);
        } catch (IOException e) {
            throw StorageErrors.writing(path.toString(), e);
        } finally {
            if (!taken && channel != null) {
                give(channel);
            }
        }
    }

    /** As {@link #take()}, for who closes the file: rather without the lock than not at all. */
    Turn takeIfPossible() {
        try {
            return take();
        } catch (BackupException e) {
            return () -> {};
        }
    }

    /** That nobody else opens or closes the file; may be closed more than once. */
    @FunctionalInterface
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    private static void give(FileChannel channel) {
        try {
            // the lock goes with it
            channel.close();
        } catch (IOException e) {
            // nothing was written; at the latest it goes with the process
        }
    }

    private static boolean await(FileChannel channel) throws IOException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < PATIENCE.toNanos()) {
            try {
                if (channel.tryLock() != null) {
                    return true;
                }
            } catch (OverlappingFileLockException e) {
                // another thread of this process has it
            }
            pause();
        }
        return false;
    }

    /**
     * Opens it; the caller closes it.
     *
     * @throws PoolInitializationException when it can not be opened
     */
    DataSource open() {
        HikariConfig pool = pool();
        long begin = System.nanoTime();
        while (true) {
            try {
                return new HikariDataSource(pool);
            } catch (PoolInitializationException e) {
                if (!isChangingHands(e) || System.nanoTime() - begin > PATIENCE.toNanos()) {
                    throw e;
                }
                pause();
            }
        }
    }

    private boolean isChangingHands(PoolInitializationException e) {
        return isH2() && e.getCause() instanceof SQLException sql && CHANGING_HANDS.contains(sql.getErrorCode());
    }

    private HikariConfig pool() {
        MetadataSettings settings = configuration.metadata();
        HikariConfig pool = new HikariConfig();
        pool.setPoolName("metadata");
        pool.setMaximumPoolSize(10);
        pool.setMinimumIdle(1);
        if (isH2()) {
            Path home = PrivateFolder.create(configuration.home());
            // H2 takes a colon-free absolute path; the name of the file is H2's: metadata.mv.db. By default it would
            // write a commit half a second later, and a killed process would have sealed what no record tells of
            pool.setJdbcUrl("jdbc:h2:file:" + home.resolve("metadata") + ";AUTO_SERVER=TRUE;WRITE_DELAY=0");
            pool.setUsername("hyperkeep");
            pool.setPassword("");
        } else {
            pool.setJdbcUrl(settings.url());
            pool.setUsername(settings.user());
            pool.setPassword(password(settings.passwordFile()));
            pool.addDataSourceProperty("ApplicationName", "hyperkeep/metadata");
        }
        // now or never: a failure is told before Spring adds its own words to it
        pool.setInitializationFailTimeout(1);
        pool.setConnectionTimeout(30_000);
        return pool;
    }

    private static @Nullable String password(@Nullable Path file) {
        if (file == null) {
            return null;
        }
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException e) {
            throw StorageErrors.reading(file.toString(), e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(Problem.INTERRUPTED, "interrupted while opening the record of runs", null, e);
        }
    }
}

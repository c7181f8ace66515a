package io.hyperkeep.web;

import io.hyperkeep.problem.BackupException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what may not answer, such as a folder of a server that is gone: on a thread of its own, for so long as whoever
 * asks has patience. While one reading hangs there is no second; what was read is kept for a while. Thread-safe.
 */
final class BoundedReading<T> {
    private final String name;
    private final Supplier<T> read;
    private final Duration kept;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private @Nullable Asked<T> asked;

    /**
     * @param name of what is read, for messages
     * @param read reads it
     * @param kept how long what was read is handed out again
     * @param patience how long whoever asks waits
     * @param nanoTime a clock that nobody sets
     */
    BoundedReading(String name, Supplier<T> read, Duration kept, Duration patience, LongSupplier nanoTime) {
        this.name = name;
        this.read = read;
        this.kept = kept;
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /**
     * What was read, or why it was not.
     *
     * @param value null when there is trouble
     * @param trouble null when there is a value
     */
    record Result<T>(@Nullable T value, @Nullable String trouble) {}

    /**
     * A reading that has begun.
     *
     * @param since when, by the clock that nobody sets
     */
    private record Asked<T>(long since, CompletableFuture<Result<T>> answer) {}

    /** Begins to read, unless it reads already or what was read a moment ago still holds; returns at once. */
    synchronized void ask() {
        Asked<T> last = asked;
        long now = nanoTime.getAsLong();
        if (last != null && (!last.answer().isDone() || now - last.since() < kept.toNanos())) {
            return;
        }
        Asked<T> next = new Asked<>(now, new CompletableFuture<>());
        asked = next;
        Thread thread = new Thread(() -> next.answer().complete(read()), "hyperkeep-read");
        thread.setDaemon(true);
        thread.start();
    }

    /** What was read. Waits no longer than patience lasts, counted from when the reading began. */
    Result<T> get() {
        ask();
        Asked<T> current = asked();
        long left = patience.toNanos() - (nanoTime.getAsLong() - current.since());
        try {
            return current.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            Duration silence = Duration.ofNanos(nanoTime.getAsLong() - current.since());
            return new Result<>(null, name + " does not answer, for " + Words.of(silence) + " now");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result<>(null, "the reading of " + name + " was interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a reading tells its trouble", e);
        }
    }

    private synchronized Asked<T> asked() {
        return Objects.requireNonNull(asked, "it was asked");
    }

    private Result<T> read() {
        try {
            return new Result<>(read.get(), null);
        } catch (BackupException e) {
            return new Result<>(null, e.getMessage());
        } catch (Throwable e) {
            // whoever asked must hear of it, also of an error, or waits for nothing
            return new Result<>(null, name + " can not be read: " + cause(e));
        }
    }

    /** What the database or the disk said: what is around it says which statement it was, which helps nobody. */
    private static String cause(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }
}

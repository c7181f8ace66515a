package io.hyperkeep.archive;

import io.hyperkeep.runs.RunProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Shows how far a program is that says nothing, by what it has written so far. Begun and closed by one thread, which
 * looks at the folder on another one.
 */
public final class FolderGrowth implements AutoCloseable {
    private static final long LOOK_MILLIS = 500;

    private final Path folder;
    private final RunProgress progress;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "growth");
        thread.setDaemon(true);
        return thread;
    });
    private long seen;

    /** @param folder of files, which need not exist yet */
    public FolderGrowth(Path folder, RunProgress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /** Looks from now on. */
    public void begin() {
        looking.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long now = seen;
        try (Stream<Path> files = Files.list(folder)) {
            now = files.mapToLong(FolderGrowth::size).sum();
        } catch (IOException | UncheckedIOException e) {
            // not there yet, or a file went while we looked: the next look tells
        }
        progress.moved(0, Math.max(0, now - seen));
        seen = Math.max(seen, now);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}

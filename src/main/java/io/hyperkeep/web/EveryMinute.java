package io.hyperkeep.web;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something every minute, from a minute after its beginning until it is closed, on a thread of its own. */
final class EveryMinute implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EveryMinute.class);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread minutes = new Thread(work, "hyperkeep-minute");
        minutes.setDaemon(true);
        return minutes;
    });

    /** @param work what is done; that it fails is logged, and it is done again a minute later */
    EveryMinute(Runnable work) {
        thread.scheduleWithFixedDelay(() -> attempt(work), 1, 1, TimeUnit.MINUTES);
    }

    private static void attempt(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.warn("could not look after plans without a new backup: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

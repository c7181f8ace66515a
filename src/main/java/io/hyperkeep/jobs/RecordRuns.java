package io.hyperkeep.jobs;

import io.hyperkeep.runs.RunRecords;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.listener.JobExecutionListener;
import org.springframework.dao.DataAccessException;

/** Records each run's beginning, sign of life and progress; its end is recorded by who launched it. Thread-safe. */
final class RecordRuns implements JobExecutionListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordRuns.class);
    private static final long BEAT_SECONDS = 2;

    private final Attempts attempts;
    private final RunRecords records;
    private final Map<Long, ScheduledFuture<?>> beating = new ConcurrentHashMap<>();
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    RecordRuns(Attempts attempts, RunRecords records) {
        this.attempts = attempts;
        this.records = records;
    }

    @Override
    public void beforeJob(JobExecution execution) {
        Attempt attempt = attempts.of(execution.getJobParameters());
        attempt.begun(execution.getId());
        records.begin(attempt.record());
        beating.put(
                execution.getId(),
                heart.scheduleWithFixedDelay(() -> beat(attempt), BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS));
    }

    private void beat(Attempt attempt) {
        try {
            records.heartbeat(attempt.run(), attempt.progress().view().phase());
        } catch (DataAccessException e) {
            // a missed beat costs nothing but a late sign of life; the run itself will meet a lost metadata database
            log.debug("could not record a heartbeat", e);
        }
    }

    @Override
    public void afterJob(JobExecution execution) {
        ScheduledFuture<?> beat = beating.remove(execution.getId());
        if (beat != null) {
            beat.cancel(false);
        }
    }

    @Override
    public void close() {
        heart.shutdownNow();
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunLife;
import io.hyperkeep.runs.RunQueries;
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

/**
 * Records each run's beginning, sign of life and progress, and hears with each sign of life whether the run was asked to
 * stop; its end is recorded by who launched it. Thread-safe.
 */
final class RecordRuns implements JobExecutionListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordRuns.class);

    private final Attempts attempts;
    private final RunRecords records;
    private final RunQueries runs;
    private final Map<Long, ScheduledFuture<?>> beating = new ConcurrentHashMap<>();
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    RecordRuns(Attempts attempts, RunRecords records, RunQueries runs) {
        this.attempts = attempts;
        this.records = records;
        this.runs = runs;
    }

    @Override
    public void beforeJob(JobExecution execution) {
        Attempt attempt = attempts.of(execution.getJobParameters());
        attempt.numbered(execution.getId(), runs.earlierRuns(execution.getId()));
        RunFields.numbered(attempt.run());
        RunRecords.Begin begin = attempt.record();
        records.begin(begin);
        Long whole = attempt.wholeRun();
        if (whole == null) {
            attempt.progress().recorded(attempt.run(), begin.job());
        } else {
            // its progress is the whole's, which is known by its own number
            records.partOf(attempt.run(), whole);
        }
        attempt.begun();
        beating.put(
                execution.getId(),
                heart.scheduleWithFixedDelay(
                        () -> beat(attempt), RunLife.BEAT.toMillis(), RunLife.BEAT.toMillis(), TimeUnit.MILLISECONDS));
    }

    private void beat(Attempt attempt) {
        try {
            RunRecords.Beat beat =
                    records.beat(attempt.run(), attempt.progress().view().phase());
            if (!beat.running()) {
                attempt.abort(takenForDead(attempt.run()));
            } else if (beat.stopRequested() && !attempt.isStopping()) {
                attempt.stop();
            }
        } catch (DataAccessException e) {
            // a missed beat costs nothing but a late sign of life; the run itself will meet a lost metadata database
            log.debug("could not record a heartbeat", e);
        }
    }

    private static BackupException takenForDead(long run) {
        return new BackupException(
                Problem.UNREACHABLE,
                "run " + run
                        + " gave no sign of life for so long that it was taken for dead, and its record was closed",
                "was this machine suspended, or the metadata database out of reach? `hyperkeep runs show " + run
                        + "` shows what became of it.");
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

package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryListener;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryState;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;

/**
 * Does the work of a unit again when it failed by what may pass ({@link BackupException#isPassing}), a few times, after
 * waits that grow and are not alike; a permanent failure, and the last one, are thrown as they are. Thread-safe.
 */
public final class RetryUnit {
    private static final Logger log = LoggerFactory.getLogger(RetryUnit.class);

    // with the waits between them about 40 s, which a server's restart or a failover takes
    private static final int TRIES = 5;
    private static final double LONGER = 3;
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

    private final Duration firstWait;

    public RetryUnit() {
        this(FIRST_WAIT);
    }

    /** @param firstWait before the second try, plus or minus its half; each further wait is three times as long */
    RetryUnit(Duration firstWait) {
        this.firstWait = firstWait;
    }

    /** What is done for a unit. */
    @FunctionalInterface
    public interface Work<T> {
        /** @param tries 1 the first time */
        T run(int tries) throws InterruptedException;
    }

    /**
     * Does it. Only the flow's own work runs inside: {@link Attempt#stop} interrupts it and its waits.
     *
     * @param attempt nothing is tried again when it stops or has failed as a whole; it fails as a whole when tries run
     *     out, as the other units would spend theirs in the same way
     * @param what the unit, for the log
     * @return the result of the try that succeeded
     * @throws BackupException the failure of the last try
     * @throws InterruptedException when interrupted
     */
    public <T> T run(Attempt attempt, String what, Work<T> work) throws Exception {
        Unit<T> unit = new Unit<>(what, work);
        attempt.interruptibly(() -> {
            RetryTemplate retry = new RetryTemplate(policy(attempt));
            retry.setRetryListener(unit);
            try {
                unit.result = retry.execute(unit);
            } catch (RetryException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                throw failure(attempt, e.getLastException());
            }
        });
        return unit.result;
    }

    private RetryPolicy policy(Attempt attempt) {
        return RetryPolicy.builder()
                .maxRetries(TRIES - 1)
                .delay(firstWait)
                .jitter(firstWait.dividedBy(2))
                .multiplier(LONGER)
                .maxDelay(firstWait.multipliedBy(30))
                .predicate(failure -> failure instanceof BackupException known
                        && known.isPassing()
                        && !attempt.isStopping()
                        && attempt.aborted() == null)
                .build();
    }

    private static Exception failure(Attempt attempt, Throwable last) {
        if (last instanceof BackupException known && known.isPassing() && !attempt.isStopping()) {
            attempt.abort(known);
        }
        if (last instanceof Error error) {
            throw error;
        }
        return (Exception) last;
    }

    /** One unit on its way. */
    private static final class Unit<T> implements Retryable<T>, RetryListener {
        private final String what;
        private final Work<T> work;
        private T result;
        private int tries;

        Unit(String what, Work<T> work) {
            this.what = what;
            this.work = work;
        }

        @Override
        public T execute() throws InterruptedException {
            tries++;
            return work.run(tries);
        }

        @Override
        public String getName() {
            return what;
        }

        @Override
        public void beforeRetry(RetryPolicy policy, Retryable<?> retryable, RetryState state) {
            log.warn(
                    "{} is tried again, try {} of {}: {}",
                    what,
                    tries + 1,
                    TRIES,
                    state.getLastException().getMessage());
        }
    }
}

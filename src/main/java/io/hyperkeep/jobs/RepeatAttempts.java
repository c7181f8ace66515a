package io.hyperkeep.jobs;

import io.hyperkeep.database.Connections;
import io.hyperkeep.problem.BackupException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts a run by itself that failed by something that passes: the server restarted, the session with the snapshot was
 * lost. Only once a run had its units, so that there is something to go on with: a server that can not be reached from the
 * beginning is told at once. Thread-safe.
 */
final class RepeatAttempts {
    private static final Logger log = LoggerFactory.getLogger(RepeatAttempts.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    /** Longer than a server needs that recovers from a crash, by its default checkpoints. */
    private static final Duration SERVER_PATIENCE = Duration.ofMinutes(5);

    private static final Duration POLL = Duration.ofMillis(200);

    private final RestartRuns restarts;
    private final BooleanSupplier stopping;

    /** @param stopping whether somebody asked this process to stop */
    RepeatAttempts(RestartRuns restarts, BooleanSupplier stopping) {
        this.restarts = restarts;
        this.stopping = stopping;
    }

    /**
     * Tries until an attempt does not fail by something that passes, or the attempts are used up.
     *
     * @param most how many attempts, in all
     * @param restarted the run that the first attempt restarts, or null
     * @param server the one that must answer before a further attempt
     * @param attempt makes one attempt, which restarts the given run
     * @return how the last attempt ended
     */
    RunOutcome run(
            int most, @Nullable Long restarted, Connections server, Function<@Nullable Long, RunOutcome> attempt) {
        RunOutcome outcome = attempt.apply(restarted);
        boolean hadUnits = restarts.hadUnits(outcome.run());
        Duration pause = FIRST_PAUSE;
        for (int number = 2; number <= most && hadUnits && passes(outcome); number++) {
            log.warn(
                    "run {} failed: {}. Attempt {} of {} begins when the server answers",
                    outcome.run(),
                    outcome.failure() == null ? "" : outcome.failure().getMessage(),
                    number,
                    most);
            if (!awaitServer(server, pause)) {
                return outcome;
            }
            outcome = attempt.apply(outcome.run());
            pause = pause.multipliedBy(2);
        }
        return outcome;
    }

    private static boolean passes(RunOutcome outcome) {
        BackupException failure = outcome.failure();
        return outcome.state().equals("FAILED") && failure != null && failure.isPassing();
    }

    /** Waits for the pause, and then until the server answers; false when somebody asked to stop. */
    private boolean awaitServer(Connections server, Duration pause) {
        long began = System.nanoTime();
        while (!stopping.getAsBoolean()) {
            long waited = System.nanoTime() - began;
            if (waited > pause.toNanos() && answers(server) || waited > SERVER_PATIENCE.toNanos()) {
                return true;
            }
            try {
                Thread.sleep(POLL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    private static boolean answers(Connections server) {
        try {
            server.open("hyperkeep/restart").close();
            return true;
        } catch (BackupException e) {
            // what does not pass is told by the attempt that meets it
            return !e.isPassing();
        } catch (SQLException e) {
            return false;
        }
    }
}

package io.hyperkeep.crash;

import io.hyperkeep.scenario.RunningCommand;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Counts what was killed and what became of it, for the line that a test prints; and draws the moments. */
final class Tally {
    /** A step of most phases takes about as long. */
    private static final int LONGEST_DELAY_MICROS = 20_000;

    private static final long PATIENCE_NANOS = 120_000_000_000L;

    private static final long POLL_NANOS = 500_000;

    private final String what;
    private final int wanted;
    private final long seed;
    private final Random random;
    private final Map<String, Integer> phases = new TreeMap<>();
    private int killed;
    private int missed;
    private int restarts;
    private int equal;

    Tally(String what, int wanted) {
        this.what = what;
        this.wanted = wanted;
        this.seed = Long.getLong("hyperkeep.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        this.random = new Random(seed);
        System.out.println("crash: " + what + ", seed " + seed);
    }

    Random random() {
        return random;
    }

    boolean wantsMore() {
        if (missed > wanted * 2) {
            throw new AssertionError(what + ": " + missed + " ended before they were killed, seed " + seed);
        }
        return killed < wanted;
    }

    /**
     * Kills a command a random instant after something is seen.
     *
     * @return false when it had come to its end before
     */
    boolean kill(RunningCommand command, BooleanSupplier seen) {
        await(command::isAlive, seen);
        return counted(command.kill().exitCode() == 137);
    }

    /**
     * Does something a random instant after something is seen, while a command runs.
     *
     * @return false when that had come to its end before
     */
    boolean strike(BooleanSupplier runs, BooleanSupplier seen, Runnable fault) {
        await(runs, seen);
        if (!runs.getAsBoolean()) {
            return counted(false);
        }
        fault.run();
        return counted(true);
    }

    private void await(BooleanSupplier runs, BooleanSupplier seen) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (runs.getAsBoolean() && !seen.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(what + ": not seen in two minutes, seed " + seed);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        LockSupport.parkNanos(random.nextInt(LONGEST_DELAY_MICROS) * 1000L);
    }

    /** Counts a hit, or a miss. */
    boolean counted(boolean hit) {
        if (hit) {
            killed++;
        } else {
            missed++;
        }
        return hit;
    }

    /** How many there were so far. */
    int count() {
        return killed;
    }

    /** Where the killed command was, by what it left. */
    void in(String phase) {
        phases.merge(phase, 1, Integer::sum);
    }

    void restarted() {
        restarts++;
    }

    void equal() {
        equal++;
    }

    /** For the description of assertions. */
    String round() {
        return what + " " + killed + ", seed " + seed;
    }

    void print() {
        System.out.printf(
                "crash: %s killed %d of %d, seed %d, phases %s, restarts %d, equal %d%n",
                what, killed, wanted, seed, phases, restarts, equal);
    }
}

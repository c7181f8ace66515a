package io.hyperkeep.runs;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * How far a run is: counted by those who do the work, read by those who show it.
 *
 * <p>Thread-safe; counters are not read as one instant.
 */
public final class RunProgress {
    private final AtomicReference<String> phase = new AtomicReference<>("start");
    private final AtomicInteger unitsTotal = new AtomicInteger();
    private final AtomicInteger unitsDone = new AtomicInteger();
    private final AtomicReference<Long> expectedBytes = new AtomicReference<>(0L);
    private final LongAdder doneBytes = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder csvBytes = new LongAdder();
    private final Recorded whenRecorded;

    public RunProgress() {
        this((run, job) -> {});
    }

    /** @param whenRecorded told the run's number once it is recorded; each of several, such as a prune after a backup */
    public RunProgress(Recorded whenRecorded) {
        this.whenRecorded = whenRecorded;
    }

    /** Is told that a run is recorded. */
    @FunctionalInterface
    public interface Recorded {
        /**
         * @param run its number
         * @param job what it does: {@code backup}
         */
        void run(long run, String job);
    }

    /** A run is recorded, under this number. */
    public void recorded(long run, String job) {
        whenRecorded.run(run, job);
    }

    /** Enters a phase of design vocabulary, e.g. {@code export}, and counts anew: each phase counts what it does. */
    public void enter(String name) {
        phase.set(name);
        expect(0, 0);
    }

    /**
     * Says how much there is to do in this phase, before any of it is done.
     *
     * @param units number of units
     * @param bytes their estimated weight, in any unit that {@link #unitDone} uses too
     */
    public void expect(int units, long bytes) {
        unitsTotal.set(units);
        expectedBytes.set(bytes);
        unitsDone.set(0);
        doneBytes.reset();
        rows.reset();
        csvBytes.reset();
    }

    /** Counts what went through, as it goes. */
    public void moved(long moreRows, long moreCsvBytes) {
        rows.add(moreRows);
        csvBytes.add(moreCsvBytes);
    }

    /** Counts a finished unit by its estimated weight. */
    public void unitDone(long bytes) {
        unitsDone.incrementAndGet();
        doneBytes.add(bytes);
    }

    /** How far it is now. */
    public View view() {
        return new View(
                phase.get(),
                unitsTotal.get(),
                unitsDone.get(),
                expectedBytes.get(),
                doneBytes.sum(),
                rows.sum(),
                csvBytes.sum());
    }

    /**
     * A reading.
     *
     * @param phase the phase it is in
     * @param unitsTotal 0 until planned
     * @param unitsDone finished units
     * @param expectedBytes estimated weight of all units
     * @param doneBytes estimated weight of the finished ones
     * @param rows rows moved so far
     * @param csvBytes bytes of CSV moved so far
     */
    public record View(
            String phase,
            int unitsTotal,
            int unitsDone,
            long expectedBytes,
            long doneBytes,
            long rows,
            long csvBytes) {}
}

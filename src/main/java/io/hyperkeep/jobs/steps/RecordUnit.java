package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.Attempt;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunRecords;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Does a unit and records how that went, for those who look. Thread-safe. */
final class RecordUnit {
    private final RunRecords records;

    RecordUnit(RunRecords records) {
        this.records = records;
    }

    /** What is done for a unit. */
    @FunctionalInterface
    interface Work {
        /** @param tries told the number of each try; who never tells it tries once */
        Done run(IntConsumer tries) throws Exception;
    }

    /**
     * What came of it.
     *
     * @param rows in its files
     * @param bytes stored or read; of a prune, deleted
     * @param result a record, kept as JSON
     */
    record Done(long rows, long bytes, Object result) {}

    void run(Attempt attempt, String unit, Work work) throws Exception {
        AtomicInteger tries = new AtomicInteger(1);
        records.unitStarted(attempt.run(), unit);
        try {
            Done done = work.run(tries::set);
            records.unitDone(attempt.run(), unit, tries.get(), done.rows(), done.bytes(), done.result());
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), unit, tries.get(), e.text());
            throw e;
        }
    }
}

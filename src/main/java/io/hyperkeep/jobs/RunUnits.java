package io.hyperkeep.jobs;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToIntFunction;
import org.springframework.batch.core.partition.support.AbstractPartitionHandler;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;

/** Runs units in their order on as many threads as their attempt has jobs. Thread-safe. */
final class RunUnits extends AbstractPartitionHandler {
    private final Step unit;
    private final ToIntFunction<StepExecution> jobs;

    /**
     * @param unit the step of one unit
     * @param jobs says how many units of an attempt may run at the same time
     */
    RunUnits(Step unit, ToIntFunction<StepExecution> jobs) {
        this.unit = unit;
        this.jobs = jobs;
    }

    @Override
    protected Set<StepExecution> doHandle(StepExecution manager, Set<StepExecution> partitions) throws Exception {
        // threads of the attempt's own: shared ones could be taken by a job that waits for its own units
        ExecutorService threads = Executors.newFixedThreadPool(jobs.applyAsInt(manager));
        try {
            List<Future<StepExecution>> running = new ArrayList<>();
            for (StepExecution partition : partitions) {
                running.add(threads.submit(RunFields.ofUnit(SplitIntoUnits.unitOf(partition), () -> {
                    unit.execute(partition);
                    return partition;
                })));
            }
            Set<StepExecution> done = new LinkedHashSet<>();
            for (Future<StepExecution> one : running) {
                done.add(one.get());
            }
            return done;
        } finally {
            threads.shutdownNow();
        }
    }
}

package io.hyperkeep.jobs;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.springframework.batch.core.partition.StepExecutionSplitter;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;

/**
 * Makes one partition a unit, in the units' order: Spring Batch's own splitter loses it in a HashSet, and the biggest
 * unit has to begin first.
 *
 * <p>Partitions are named after the run too: a restarted run plans anew, and must not take a unit for done because one
 * of an earlier attempt had its number. The name is limited to 100 characters, so it holds no table's.
 */
final class SplitIntoUnits implements StepExecutionSplitter {
    private final JobRepository repository;
    private final String step;
    private final Function<StepExecution, Collection<String>> units;

    /** @param units says which units the attempt of a step has, in their order */
    SplitIntoUnits(JobRepository repository, String step, Function<StepExecution, Collection<String>> units) {
        this.repository = repository;
        this.step = step;
        this.units = units;
    }

    @Override
    public String getStepName() {
        return step;
    }

    @Override
    public Set<StepExecution> split(StepExecution manager, int gridSize) {
        Set<StepExecution> partitions = new LinkedHashSet<>();
        for (String unit : units.apply(manager)) {
            String name = step + ":" + manager.getJobExecutionId() + ":" + unit;
            partitions.add(repository.createStepExecution(name, manager.getJobExecution()));
        }
        return partitions;
    }

    /** The unit that a partition stands for. */
    static String unitOf(StepExecution partition) {
        String name = partition.getStepName();
        return name.substring(name.lastIndexOf(':') + 1);
    }
}

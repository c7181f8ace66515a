package io.hyperkeep.jobs;

import io.hyperkeep.jobs.steps.Phase;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;

/** Makes the steps of the jobs of one kind of attempt, all by the same rules. */
final class JobSteps<A extends Attempt> {
    private final JobRepository repository;
    private final Attempts attempts;
    private final Class<A> kind;

    JobSteps(JobRepository repository, Attempts attempts, Class<A> kind) {
        this.repository = repository;
        this.attempts = attempts;
        this.kind = kind;
    }

    /** A step that runs one phase, and interrupts it when the run is to stop. */
    Step phase(String name, Phase<? super A> phase) {
        return step(name, attempt -> attempt.interruptibly(() -> phase.run(attempt)));
    }

    /** A step that writes the record of runs: never interrupted, because that would close the metadata's file. */
    Step bookkeeping(String name, Phase<? super A> phase) {
        return step(name, phase);
    }

    private Step step(String name, Phase<? super A> phase) {
        // locks, sessions and snapshots end with the process, so a restart begins with the first step again;
        // no transaction manager: a step that reads a source for hours must not hold a metadata connection
        return new StepBuilder(name, repository)
                .allowStartIfComplete(true)
                .tasklet(new PhaseTasklet<>(attempts, kind, name, phase))
                .build();
    }

    /** A step that runs the units of an attempt, several at a time. */
    Step units(
            String name, Function<A, Collection<String>> units, ToIntFunction<A> jobs, UnitTasklet.UnitWork<A> work) {
        Step unit = new StepBuilder(name + "-unit", repository)
                .allowStartIfComplete(true)
                .tasklet(new UnitTasklet<>(attempts, kind, work))
                .build();
        return new StepBuilder(name, repository)
                .allowStartIfComplete(true)
                .partitioner(unit)
                .splitter(new SplitIntoUnits(repository, name, manager -> {
                    A attempt = kind.cast(attempts.of(manager));
                    attempt.progress().enter(name);
                    return units.apply(attempt);
                }))
                .partitionHandler(new RunUnits(unit, manager -> jobs.applyAsInt(kind.cast(attempts.of(manager)))))
                .build();
    }
}

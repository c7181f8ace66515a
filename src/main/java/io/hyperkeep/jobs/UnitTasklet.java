package io.hyperkeep.jobs;

import org.springframework.batch.core.scope.context.ChunkContext;
import org.springframework.batch.core.step.StepContribution;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;

/** Runs one unit as a partition. */
final class UnitTasklet<A extends Attempt> implements Tasklet {
    private final Attempts attempts;
    private final Class<A> kind;
    private final UnitWork<A> work;

    UnitTasklet(Attempts attempts, Class<A> kind, UnitWork<A> work) {
        this.attempts = attempts;
        this.kind = kind;
        this.work = work;
    }

    /** What is done for one unit. */
    @FunctionalInterface
    interface UnitWork<A> {
        void run(A attempt, String unit) throws Exception;
    }

    @Override
    public RepeatStatus execute(StepContribution contribution, ChunkContext chunkContext) throws Exception {
        A attempt = kind.cast(attempts.of(contribution.getStepExecution()));
        String unit = SplitIntoUnits.unitOf(contribution.getStepExecution());
        PhaseTasklet.within(attempt, () -> work.run(attempt, unit));
        return RepeatStatus.FINISHED;
    }
}

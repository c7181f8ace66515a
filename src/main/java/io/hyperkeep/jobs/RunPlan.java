package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunProgress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A backup of a plan as a whole, whoever starts it, the command line or a schedule:
 *
 * <ol>
 *   <li>the command of the plan that comes before, which may fail the backup or have it skipped,
 *   <li>those who watch are told that it begins,
 *   <li>the run,
 *   <li>after a success, what the plan's retention does not keep is removed,
 *   <li>the command of the plan that comes after, however the run ended,
 *   <li>those are told who are to hear of such an end.
 * </ol>
 *
 * <p>The first two are a phase of the run. What goes wrong after the run never changes how it ended: it adds a warning.
 * Thread-safe; runs of different plans may overlap.
 */
public final class RunPlan {
    /** How long commands that come after may go on when everything is to stop: supervisors kill what takes much longer. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final LaunchRun launch;
    private final Retain retain;
    private final Hooks hooks;
    private final Notify people;
    private final Duration grace;
    private final Set<Thread> afterwards = new HashSet<>();

    public RunPlan(LaunchRun launch, Retain retain, Hooks hooks, Notify people) {
        this(launch, retain, hooks, people, GRACE);
    }

    RunPlan(LaunchRun launch, Retain retain, Hooks hooks, Notify people, Duration grace) {
        this.launch = launch;
        this.retain = retain;
        this.hooks = hooks;
        this.people = people;
        this.grace = grace;
    }

    /**
     * Backs up a plan to its end.
     *
     * @throws BackupException as {@link LaunchRun#backup}; people were told
     */
    public RunOutcome backup(BackupPlan plan, RunProgress progress) {
        return whole(plan, progress, before -> launch.backup(plan, before, progress));
    }

    /**
     * Tries a backup of a plan again that did not come to its end.
     *
     * @throws BackupException as {@link LaunchRun#restartBackup}; people were told
     */
    public RunOutcome restart(long run, BackupPlan plan, RunProgress progress) {
        return whole(plan, progress, before -> launch.restartBackup(run, plan, before, progress));
    }

    /**
     * Asks whatever runs here to stop soon; returns at once. A command that runs after its run already is ended. A run that
     * is stopped still has its command that comes after, for as long as the grace at most.
     */
    public void stop() {
        launch.stop();
        endAfterwards();
        CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS)
                .execute(this::endAfterwards);
    }

    private void endAfterwards() {
        synchronized (afterwards) {
            afterwards.forEach(Thread::interrupt);
        }
    }

    private RunOutcome whole(BackupPlan plan, RunProgress progress, Function<BeforeBackup, RunOutcome> run) {
        AtomicLong begun = new AtomicLong();
        RunOutcome outcome;
        try {
            outcome = run.apply(number -> {
                begun.set(number);
                hooks.before(plan, number);
                people.started(plan, number);
            });
        } catch (RuntimeException e) {
            BackupException why = Failures.of(e);
            if (begun.get() == 0) {
                people.notStarted(plan, BackupJob.NAME, why);
            } else {
                // the record of runs was lost under the run, which is no reason not to do what comes after
                finish(plan, RunOutcome.failed(begun.get(), plan.kind(), why), begun.get());
            }
            throw e;
        }
        if (outcome.isSealed()) {
            outcome = outcome.withWarnings(retain.run(plan, progress));
        }
        return finish(plan, outcome, begun.get());
    }

    private RunOutcome finish(BackupPlan plan, RunOutcome outcome, long first) {
        RunOutcome whole = outcome.withWarnings(after(plan, outcome));
        if (!whole.warnings().isEmpty()) {
            launch.warned(whole.run(), whole.warnings().size());
        }
        people.ended(plan, whole, first);
        return whole;
    }

    private List<Warning> after(BackupPlan plan, RunOutcome outcome) {
        synchronized (afterwards) {
            afterwards.add(Thread.currentThread());
        }
        try {
            return hooks.after(plan, outcome);
        } catch (RuntimeException e) {
            // the run has ended as it did, whatever becomes of this
            return List.of(new Warning("hook-failed", Failures.of(e).getMessage()));
        } catch (InterruptedException e) {
            return List.of(new Warning("hook-stopped", "the command that comes after the backup was stopped"));
        } finally {
            synchronized (afterwards) {
                afterwards.remove(Thread.currentThread());
            }
            // nobody interrupts from here on, and nobody must find the flag of one that came too late
            Thread.interrupted();
        }
    }
}

package io.hyperkeep.schedule;

import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.jobs.Attempts;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.jobs.RestartableRun;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.ClusterChoice;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.runs.Firing;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.VerifyRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a firing is for, to its end, and records what became of it. Thread-safe. */
final class LaunchFiring {
    private static final Logger log = LoggerFactory.getLogger(LaunchFiring.class);

    private final Engine engine;
    private final Busy busy;
    private final ScheduledExecutorService timer;
    private final Clock clock;

    /** What it uses of the engine. */
    record Engine(
            LaunchRun launch, RunPlan plans, Attempts attempts, RunRecords records, Firings firings, Notify people) {}

    /** @param timer ends runs that last too long */
    LaunchFiring(Engine engine, Busy busy, ScheduledExecutorService timer, Clock clock) {
        this.engine = engine;
        this.busy = busy;
        this.timer = timer;
        this.clock = clock;
    }

    /** Runs a firing whose turn has come. */
    void run(ScheduledPlan plan, Schedule schedule, Firing firing, Busy.Entry entry) {
        try (entry) {
            // a window may have begun while it waited
            Optional<String> obstacle = blackout(schedule).or(() -> busy.metElsewhere(firing));
            if (obstacle.isPresent()) {
                skip(plan, firing, obstacle.get());
                return;
            }
            launch(plan, firing, entry, progress -> launch(plan, schedule.job(), progress));
        }
    }

    /** Why nothing of a schedule begins now. */
    Optional<String> blackout(Schedule schedule) {
        return schedule.blackoutAt(clock.instant()).map(window -> "came in the blackout " + window.text());
    }

    /** Goes on with a firing's run that was interrupted. */
    void restart(ScheduledPlan plan, Firing firing, long run, Busy.Entry entry) {
        try (entry) {
            launch(plan, firing, entry, progress -> restart(plan, run, progress));
        }
    }

    /** Records that a firing does not run, and why. */
    void skip(ScheduledPlan plan, Firing firing, String why) {
        log.info("{} of {} is skipped: {}", name(firing), firing.scheduled(), why);
        engine.firings().ended(firing, Firing.SKIPPED, why);
        if (firing.job().equals(ScheduledJob.BACKUP.label())) {
            engine.people().missed(plan.backup(), "the backup of " + firing.scheduled() + " was skipped: it " + why);
        }
    }

    private void launch(
            ScheduledPlan plan, Firing firing, Busy.Entry entry, Function<RunProgress, Optional<RunOutcome>> work) {
        try (TimeLimit limit = new TimeLimit(plan.timeout())) {
            RunProgress progress = new RunProgress((run, job) -> {
                if (!job.equals(firing.job())) {
                    // the prune that comes after a backup is a run of its own
                    return;
                }
                engine.firings().began(firing, run);
                entry.began(run);
                limit.began(run);
                log.info("{} of {} is run {}", name(firing), firing.scheduled(), run);
            });
            work.apply(progress).ifPresent(outcome -> ended(plan, firing, outcome));
        } catch (BackupException e) {
            failed(plan, firing, e.problem() == Problem.LOCKED ? Firing.SKIPPED : Firing.FAILED, e);
        } catch (RuntimeException e) {
            failed(plan, firing, Firing.FAILED, e);
        }
    }

    private void ended(ScheduledPlan plan, Firing firing, RunOutcome outcome) {
        BackupException failure = outcome.failure();
        if (failure == null) {
            log.info("run {} ended as {}", outcome.run(), outcome.state());
        } else if (failure.problem() == Problem.LOCKED && outcome.restarts() == null) {
            // somebody came to the database between our look and its lock
            engine.records().skipped(outcome.run());
            engine.firings().ended(firing, Firing.SKIPPED, failure.getMessage());
            log.info("{} of {} is skipped: {}", name(firing), firing.scheduled(), failure.getMessage());
            return;
        } else {
            log.warn("run {} ended as {}: {}", outcome.run(), outcome.state(), failure.getMessage());
        }
        if (isNotBackup(firing)) {
            engine.people().ended(plan.backup(), outcome, outcome.run());
        }
    }

    /** Of backups, people are told by who runs them as a whole. */
    private static boolean isNotBackup(Firing firing) {
        return !firing.job().equals(ScheduledJob.BACKUP.label());
    }

    private void failed(ScheduledPlan plan, Firing firing, String state, RuntimeException e) {
        log.error("{} of {} could not be run: {}", name(firing), firing.scheduled(), e.getMessage());
        log.debug("why", e);
        engine.firings().couldNotRun(firing, state, String.valueOf(e.getMessage()));
        if (isNotBackup(firing) && state.equals(Firing.FAILED)) {
            BackupException why = e instanceof BackupException known
                    ? known
                    : new BackupException(Problem.UNEXPECTED, String.valueOf(e.getMessage()), null, e);
            engine.people().notStarted(plan.backup(), firing.job(), why);
        }
    }

    private Optional<RunOutcome> launch(ScheduledPlan plan, ScheduledJob job, RunProgress progress) {
        return Optional.of(
                switch (job) {
                    case BACKUP -> engine.plans().backup(plan.backup(), progress);
                    case PRUNE -> engine.launch().prune(plan.prune(), progress).run();
                    case VERIFY ->
                        engine.launch().verify(verification(plan), progress).run();
                    case DRILL -> engine.launch().drill(drill(plan), progress);
                });
    }

    private static VerifyRequest verification(ScheduledPlan plan) {
        BackupPlan backup = plan.backup();
        return VerifyRequest.every(
                plan.name(), backup.repository(), backup.database().name(), backup.jobs());
    }

    private static DrillRequest drill(ScheduledPlan plan) {
        BackupPlan backup = plan.backup();
        BackupFolder newest = VerifyRequest.latest(
                        plan.name(), backup.repository(), backup.database().name(), backup.jobs())
                .backups()
                .get(0);
        DatabaseSettings server = drillServer(plan);
        return new DrillRequest(
                new RestoreRequest(
                        newest.path(),
                        server,
                        false,
                        new TableSelection(List.of(), List.of()),
                        backup.jobs(),
                        backup.maxAttempts(),
                        plan.restore(),
                        ClusterChoice.ALL),
                server,
                String.valueOf(newest.databaseFolder().getFileName()),
                plan.name());
    }

    private static DatabaseSettings drillServer(ScheduledPlan plan) {
        DatabaseSettings server = plan.drillServer();
        if (server == null) {
            throw new BackupException(
                    Problem.CONFIGURATION, "plan '" + plan.name() + "' has no drill-server any more", null);
        }
        return server;
    }

    /** Empty when what the plan says by now is not what the run was asked to do. */
    private Optional<RunOutcome> restart(ScheduledPlan plan, long run, RunProgress progress) {
        RestartableRun found = engine.launch().restartable(run);
        if (found.backup() != null && found.backup().makesSameBackupAs(plan.backup())) {
            return Optional.of(engine.plans().restart(run, plan.backup(), progress));
        }
        if (found.drill() != null && plan.drillServer() != null) {
            return Optional.of(
                    engine.launch().restartDrill(run, found.drill().withServer(plan.drillServer()), progress));
        }
        if (found.prune() != null && found.prune().equals(plan.prune())) {
            return Optional.of(
                    engine.launch().restartPrune(run, plan.prune(), progress).run());
        }
        if (found.verify() != null) {
            return Optional.of(
                    engine.launch().restartVerify(run, found.verify(), progress).run());
        }
        return Optional.empty();
    }

    private static String name(Firing firing) {
        return "the " + firing.job() + " of plan " + firing.plan();
    }

    /** Ends the run of a firing when it lasts too long, however often it is tried. */
    private final class TimeLimit implements AutoCloseable {
        private final @Nullable Duration limit;
        private final AtomicBoolean running = new AtomicBoolean();
        private volatile long run;
        private volatile java.util.concurrent.@Nullable Future<?> end;

        TimeLimit(@Nullable Duration limit) {
            this.limit = limit;
        }

        void began(long number) {
            run = number;
            if (limit != null && running.compareAndSet(false, true)) {
                end = timer.schedule(this::abort, limit.toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        private void abort() {
            engine.attempts()
                    .abort(
                            run,
                            new BackupException(
                                    Problem.TIMEOUT,
                                    "run " + run + " was stopped: it lasted longer than its plan's timeout of "
                                            + Objects.requireNonNull(limit).toSeconds() + " s",
                                    "`hyperkeep runs restart " + run
                                            + "` goes on with it; is timeout too short, or something slow?"));
        }

        @Override
        public void close() {
            java.util.concurrent.Future<?> planned = end;
            if (planned != null) {
                planned.cancel(false);
            }
        }
    }
}

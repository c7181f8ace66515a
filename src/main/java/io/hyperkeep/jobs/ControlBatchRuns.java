package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunClaim;
import io.hyperkeep.runs.RunLife;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.repository.JobRepository;

/** Stops, recovers and abandons runs through their records. Thread-safe. */
final class ControlBatchRuns implements ControlRuns {
    private static final Logger log = LoggerFactory.getLogger(ControlBatchRuns.class);
    /** Older runs of the same database are not looked at: others have replaced them since. */
    private static final int LOOK_BACK = 50;

    private static final Duration POLL = Duration.ofMillis(100);

    private final DataSource metadata;
    private final JobRepository repository;
    private final RunRecords records;
    private final RunQueries runs;
    private final Clock clock;

    ControlBatchRuns(DataSource metadata, JobRepository repository, RunRecords records, RunQueries runs, Clock clock) {
        this.metadata = metadata;
        this.repository = repository;
        this.records = records;
        this.runs = runs;
        this.clock = clock;
    }

    @Override
    public List<Run> recoverDead() {
        records.beatsOfTheFuture();
        List<Run> recovered = new ArrayList<>();
        for (Run dead : dead(runs.running())) {
            // whoever else has its claim recovers it just as well
            Optional<RunClaim> claim = RunClaim.take(metadata, dead.run());
            if (claim.isPresent() && recover(claim.get(), dead)) {
                recovered.add(runs.require(dead.run()));
            }
        }
        return recovered;
    }

    @Override
    public Run recover(long number) {
        records.beatsOfTheFuture();
        Run run = runs.require(number);
        if (!isRunning(run)) {
            throw new BackupException(
                    Problem.USAGE,
                    "run " + number + " does not run: it ended as " + run.state() + ", so there is nothing to recover",
                    run.isRestartable() ? "`hyperkeep runs restart " + number + "` tries it again." : null);
        }
        if (dead(List.of(run)).isEmpty() || !recover(new RunsAtRest(runs).claim(metadata, number), run)) {
            throw alive(runs.require(number));
        }
        return runs.require(number);
    }

    private static BackupException alive(Run run) {
        BackupException running = RunsAtRest.running(run);
        boolean seen =
                run.life().verdict() == RunLife.ALIVE && run.life().process().isVisible();
        return seen
                ? running
                : new BackupException(
                        Problem.LOCKED,
                        running.getMessage(),
                        "its process can not be seen from here: it counts as dead after " + RunLife.LEASE.toSeconds()
                                + " s without a sign of life.");
    }

    /** Those that are dead, after the silent ones were watched: by now nothing depends on a clock that can be set. */
    private List<Run> dead(List<Run> candidates) {
        List<Run> dead = new ArrayList<>();
        List<Run> silent = new ArrayList<>();
        for (Run run : candidates) {
            switch (run.life().verdict()) {
                case DEAD -> dead.add(run);
                case SILENT -> silent.add(run);
                case ALIVE -> {}
            }
        }
        if (!silent.isEmpty()) {
            log.info(
                    "{} gave no sign of life for {} s and more: watching for {} s",
                    silent.size() == 1 ? "run " + silent.get(0).run() : silent.size() + " runs",
                    RunLife.LEASE.toSeconds(),
                    RunLife.WATCH.toSeconds());
            pause(RunLife.WATCH);
            silent.stream()
                    .filter(run ->
                            runs.require(run.run()).life().beats() == run.life().beats())
                    .forEach(dead::add);
        }
        return dead;
    }

    /** Records it as failed, unless its heart beat once more meanwhile; gives up the claim. */
    private boolean recover(RunClaim claim, Run dead) {
        try (claim) {
            boolean recovered =
                    claim.records(clock).recovered(dead.run(), dead.life().beats(), failure(dead));
            if (recovered) {
                settle(dead.run(), BatchStatus.FAILED);
            }
            return recovered;
        }
    }

    private static RunRecords.Failure failure(Run dead) {
        return new RunRecords.Failure(
                Problem.INTERRUPTED.code(),
                "its process ended without a word: process "
                        + dead.life().process().pid() + " on "
                        + dead.life().process().host(),
                "it was killed, by hand, by the kernel for want of memory, or with its machine; `hyperkeep runs restart "
                        + dead.run() + "` tries it again and repeats only what is needed.");
    }

    private void settle(long run, BatchStatus status) {
        JobExecution execution = repository.getJobExecution(run);
        if (execution != null) {
            SettleExecution.as(status, execution, repository);
        }
    }

    @Override
    public Run stop(long number, Duration patience) {
        Run run = runs.require(number);
        if (!isRunning(run)) {
            throw new BackupException(
                    Problem.USAGE,
                    "run " + number + " does not run: it ended as " + run.state(),
                    "`hyperkeep runs list` lists the newest.");
        }
        long asked = System.nanoTime();
        records.requestStop(number);
        while (isRunning(run)) {
            if (run.state().equals("DEAD")) {
                throw RunsAtRest.dead(run);
            }
            if (System.nanoTime() - asked > patience.toNanos()) {
                throw new BackupException(
                        Problem.LOCKED,
                        "run " + number + " was asked to stop and still runs after " + patience.toSeconds()
                                + " s, in process "
                                + run.life().process().pid() + " on "
                                + run.life().process().host(),
                        "it will stop as soon as it can; `hyperkeep runs show " + number + "` shows it.");
            }
            pause(POLL);
            run = runs.require(number);
        }
        return run;
    }

    @Override
    public Run abandon(long number) {
        RunsAtRest atRest = new RunsAtRest(runs);
        atRest.require(runs.require(number), "abandon");
        try (RunClaim claim = atRest.claim(metadata, number)) {
            // whoever had the claim a moment ago may have restarted it
            atRest.require(runs.require(number), "abandon");
            claim.records(clock).abandoned(number);
            settle(number, BatchStatus.ABANDONED);
        }
        return runs.require(number);
    }

    @Override
    public Optional<Run> restartableInsteadOf(BackupPlan plan) {
        return runs.backups(plan.name(), plan.database().name(), plan.repository(), LOOK_BACK).stream()
                .filter(run -> records.request(run.run(), BackupPlan.class).makesSameBackupAs(plan))
                .findFirst()
                .filter(Run::isRestartable);
    }

    private static boolean isRunning(Run run) {
        return run.state().equals("RUNNING") || run.state().equals("DEAD");
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(Problem.INTERRUPTED, "interrupted while waiting for a run", null, e);
        }
    }
}

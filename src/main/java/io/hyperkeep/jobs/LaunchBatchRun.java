package io.hyperkeep.jobs;

import io.hyperkeep.archive.CheckListing;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.jobs.RunOutcome.DatabaseOutcome;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.VerifyBackups;
import io.hyperkeep.verify.VerifyRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Launches runs as Spring Batch jobs and says how they ended. Thread-safe. */
final class LaunchBatchRun implements LaunchRun {
    private static final Logger log = LoggerFactory.getLogger(LaunchBatchRun.class);

    private final JobOperator operator;
    private final Jobs jobs;
    private final KeepEvidence evidence;
    private final Attempts attempts;
    private final RunRecords records;
    private final RestartRuns restarts;
    private final RepeatAttempts repeat;
    private final Clock clock;
    private final PartRuns parts = new Parts();
    private volatile boolean stopping;

    LaunchBatchRun(
            JobOperator operator,
            Jobs jobs,
            Attempts attempts,
            RunRecords records,
            RestartRuns restarts,
            KeepEvidence evidence,
            Clock clock) {
        this.operator = operator;
        this.jobs = jobs;
        this.evidence = evidence;
        this.attempts = attempts;
        this.records = records;
        this.restarts = restarts;
        this.repeat = new RepeatAttempts(restarts, () -> stopping);
        this.clock = clock;
    }

    /** The jobs that can be launched. */
    record Jobs(
            Job backup,
            Job databaseBackup,
            Job clusterBackup,
            Job restore,
            Job databaseRestore,
            Job clusterRestore,
            Job drill,
            Job databaseDrill,
            Job prune,
            Job verify) {
        Job of(BackupPlan plan) {
            return switch (plan.kind()) {
                case TABLES -> backup;
                case DATABASE -> databaseBackup;
                case CLUSTER -> clusterBackup;
            };
        }

        Job of(BackupKind restored) {
            return switch (restored) {
                case TABLES -> restore;
                case DATABASE -> databaseRestore;
                case CLUSTER -> clusterRestore;
            };
        }

        Job drillOf(BackupKind restored) {
            return switch (restored) {
                case TABLES -> drill;
                case DATABASE -> databaseDrill;
                // roles belong to the whole server: trying them would change it
                case CLUSTER ->
                    throw new BackupException(
                            Problem.USAGE,
                            "the backup is of a cluster, and a drill restores into a scratch database of a server in"
                                    + " use, whose roles it must not change",
                            "restore the cluster on a server of its own, or drill the backup of each of its databases,"
                                    + " which `hyperkeep show` lists.");
            };
        }
    }

    @Override
    public RunOutcome backup(BackupPlan plan, BeforeBackup before, RunProgress progress) {
        return backups(plan, before, progress, null, null);
    }

    @Override
    public RunOutcome restore(RestoreRequest request, RunProgress progress) {
        return restores(request, progress, null, null);
    }

    @Override
    public RunOutcome drill(DrillRequest request, RunProgress progress) {
        return drills(request, progress, null);
    }

    @Override
    public PruneOutcome prune(PruneRequest request, RunProgress progress) {
        return prune(request, progress, null);
    }

    @Override
    public VerifyOutcome verify(VerifyRequest request, RunProgress progress) {
        return verify(request, progress, null);
    }

    @Override
    public RestartableRun restartable(long run) {
        return restarts.find(run);
    }

    @Override
    public RunOutcome restartBackup(long run, BackupPlan plan, BeforeBackup before, RunProgress progress) {
        restarts.requireSameBackup(run, plan);
        restarts.requireRepository(run, plan.repository());
        return backups(plan, before, progress, run, null);
    }

    @Override
    public RunOutcome restartRestore(long run, RestoreRequest request, RunProgress progress) {
        return restores(request, progress, run, null);
    }

    @Override
    public RunOutcome restartDrill(long run, DrillRequest request, RunProgress progress) {
        return drills(request, progress, run);
    }

    @Override
    public PruneOutcome restartPrune(long run, PruneRequest request, RunProgress progress) {
        return prune(request, progress, run);
    }

    @Override
    public VerifyOutcome restartVerify(long run, VerifyRequest request, RunProgress progress) {
        return verify(request, progress, run);
    }

    private RunOutcome backups(
            BackupPlan plan,
            BeforeBackup before,
            RunProgress progress,
            @Nullable Long restarted,
            @Nullable Attempt whole) {
        return repeat.run(
                plan.maxAttempts(),
                restarted,
                new Connections(plan.database()),
                // what comes before a backup comes once, however often the backup is tried
                earlier -> backup(
                        plan,
                        Objects.equals(earlier, restarted) ? before : BeforeBackup.NOTHING,
                        progress,
                        earlier,
                        whole));
    }

    private RunOutcome restores(
            RestoreRequest request, RunProgress progress, @Nullable Long restarted, @Nullable Attempt whole) {
        return repeat.run(
                request.maxAttempts(),
                restarted,
                new Connections(request.target()),
                earlier -> restore(request, progress, earlier, whole));
    }

    private RunOutcome drills(DrillRequest request, RunProgress progress, @Nullable Long restarted) {
        return repeat.run(
                request.restore().maxAttempts(),
                restarted,
                new Connections(request.server()),
                earlier -> drill(request.anew(), progress, earlier));
    }

    private RunOutcome backup(
            BackupPlan plan,
            BeforeBackup before,
            RunProgress progress,
            @Nullable Long restarted,
            @Nullable Attempt whole) {
        Connections connections = new Connections(plan.database());
        BackupAttempt attempt = plan.kind() == BackupKind.CLUSTER
                ? new ClusterBackupAttempt(plan, before, connections, progress, clock.instant(), restarted, parts)
                : new BackupAttempt(plan, before, connections, progress, clock.instant(), restarted);
        within(whole, attempt);
        Ended ended = run(jobs.of(plan), plan.database().name(), attempt);
        Manifest manifest = attempt.manifestIfSealed();
        boolean sealed = ended.succeeded() && manifest != null;
        Path folder = sealed ? attempt.draft().folder() : null;
        return end(
                attempt,
                new RunOutcome(
                                attempt.run(),
                                restarted,
                                BackupJob.NAME,
                                plan.kind(),
                                sealed ? "SEALED" : ended.state(),
                                folder,
                                sealed ? manifest.totals() : null,
                                null,
                                ended.took(),
                                sealed && manifest.consistent(),
                                sealed ? manifest.warnings() : attempt.warnings(),
                                ended.failure())
                        .withDatabases(sealed ? databases(manifest) : List.of()));
    }

    private static void within(@Nullable Attempt whole, Attempt part) {
        if (whole != null) {
            part.within(whole);
        }
    }

    private static List<DatabaseOutcome> databases(Manifest manifest) {
        return manifest.cluster() == null
                ? List.of()
                : manifest.cluster().databases().stream()
                        .map(database -> new DatabaseOutcome(
                                database.name(), database.backup() == null ? "FAILED" : "SEALED", database.failure()))
                        .toList();
    }

    private RunOutcome restore(
            RestoreRequest request, RunProgress progress, @Nullable Long restarted, @Nullable Attempt whole) {
        BackupKind kind = kindOf(new BackupFolder(request.backup()));
        Connections connections = new Connections(request.target());
        RestoreAttempt attempt = kind == BackupKind.CLUSTER
                ? new ClusterRestoreAttempt(request, connections, progress, restarted, parts)
                : new RestoreAttempt(request, connections, progress, restarted);
        within(whole, attempt);
        Ended ended = run(jobs.of(kind), request.target().name(), attempt);
        return end(
                attempt,
                new RunOutcome(
                                attempt.run(),
                                restarted,
                                RestoreJob.NAME,
                                kind,
                                ended.succeeded() ? "RESTORED" : ended.state(),
                                request.backup(),
                                ended.succeeded() ? attempt.totals() : null,
                                ended.succeeded() ? attempt.restoredJobs() : null,
                                ended.took(),
                                ended.succeeded(),
                                attempt.warnings(),
                                ended.failure())
                        .withDatabases(
                                attempt instanceof ClusterRestoreAttempt cluster ? cluster.outcomes() : List.of()));
    }

    private RunOutcome drill(DrillRequest request, RunProgress progress, @Nullable Long restarted) {
        Instant began = clock.instant();
        BackupKind kind = kindOf(new BackupFolder(request.restore().backup()));
        DrillAttempt attempt = new DrillAttempt(request, progress, restarted);
        Ended ended = run(jobs.drillOf(kind), request.source(), attempt);
        RunOutcome outcome = new RunOutcome(
                attempt.run(),
                restarted,
                RestoreJob.DRILL,
                kind,
                ended.succeeded() ? "PASSED" : ended.state(),
                request.restore().backup(),
                ended.succeeded() ? attempt.totals() : null,
                ended.succeeded() ? attempt.restoredJobs() : null,
                ended.took(),
                ended.succeeded(),
                attempt.warnings(),
                ended.failure());
        return end(attempt, kept(request, outcome, began));
    }

    /** A drill that nobody can prove is still a drill: that its evidence could not be written is a warning. */
    private RunOutcome kept(DrillRequest request, RunOutcome outcome, Instant began) {
        try {
            return outcome.withEvidence(evidence.write(request, outcome, began, clock.instant()), outcome.warnings());
        } catch (IOException e) {
            List<Warning> warnings = new ArrayList<>(outcome.warnings());
            warnings.add(new Warning(
                    "evidence-not-kept",
                    "the evidence of this drill is only in the record of runs, not beside the backup: "
                            + e.getMessage()));
            return outcome.withEvidence(null, warnings);
        }
    }

    private PruneOutcome prune(PruneRequest request, RunProgress progress, @Nullable Long restarted) {
        PruneAttempt attempt = new PruneAttempt(request, progress, restarted);
        Ended ended = run(jobs.prune(), oneOrAll(request.database()), attempt);
        RunOutcome outcome = ofRepository(attempt, PruneJob.NAME, "PRUNED", ended, attempt.warnings());
        List<BackupException> failures = new ArrayList<>(attempt.failures());
        if (ended.failure() != null && !failures.contains(ended.failure())) {
            // that it was stopped, or could not even begin, is said first
            failures.add(0, ended.failure());
        }
        return new PruneOutcome(outcome, attempt.pruned(), failures);
    }

    private VerifyOutcome verify(VerifyRequest request, RunProgress progress, @Nullable Long restarted) {
        VerifyBackups verify = new VerifyBackups(
                clock, log::info, request.jobs(), new CheckListing(ClientTools.of(System.getenv()), log::info)::run);
        VerifyAttempt attempt = new VerifyAttempt(request, verify, progress, restarted);
        Ended ended = run(jobs.verify(), oneOrAll(request.database()), attempt);
        RunOutcome outcome = ofRepository(attempt, VerifyJob.NAME, "VERIFIED", ended, List.of());
        return new VerifyOutcome(outcome, attempt.verified(), verify.files());
    }

    /** How a job ended that is about no database, but about what a repository holds. */
    private RunOutcome ofRepository(Attempt attempt, String job, String success, Ended ended, List<Warning> warnings) {
        return end(
                attempt,
                new RunOutcome(
                        attempt.run(),
                        attempt.restarts(),
                        job,
                        null,
                        ended.succeeded() ? success : ended.state(),
                        null,
                        null,
                        null,
                        ended.took(),
                        ended.succeeded(),
                        warnings,
                        ended.failure()));
    }

    /** What the record of runs says of one that may be about every database of a repository. */
    static String oneOrAll(@Nullable String database) {
        return database == null ? "*" : database;
    }

    private static BackupKind kindOf(BackupFolder backup) {
        try {
            return BackupKind.of(backup.manifest().kind());
        } catch (BackupException e) {
            // that it can not be read is told by the run's first step
            return BackupKind.TABLES;
        }
    }

    @Override
    public PlannedRun planBackup(BackupPlan plan) {
        return new PlanRuns().backup(plan);
    }

    @Override
    public PlannedRun planRestore(RestoreRequest request) {
        return new PlanRuns().restore(request);
    }

    @Override
    public void warned(long run, int warnings) {
        try {
            records.warned(run, warnings);
        } catch (DataAccessException e) {
            log.warn("the warnings of run {} could not be recorded: {}", run, e.getMessage());
        }
    }

    @Override
    public void stop() {
        // remembered: a run that is just about to begin has no attempt yet
        stopping = true;
        attempts.stopAll();
    }

    /**
     * How a job ended.
     *
     * @param succeeded only when Spring Batch says COMPLETED and nothing of ours failed
     */
    private record Ended(
            boolean succeeded,
            String state,
            Duration took,
            @Nullable BackupException failure) {}

    private Ended run(Job job, String database, Attempt attempt) {
        Long restarted = attempt.restarts();
        if (restarted == null) {
            return run(job, database, clock.instant() + "/" + UUID.randomUUID(), attempt);
        }
        try (RestartRuns.Claimed claimed = restarts.claim(job, restarted)) {
            attempt.whenBegun(claimed::close);
            return run(job, database, claimed.key(), attempt);
        }
    }

    private Ended run(Job job, String database, String key, Attempt attempt) {
        Instant began = clock.instant();
        JobParameters parameters = new JobParametersBuilder(Attempts.parameters(key))
                .addString("database", database, false)
                .toJobParameters();
        attempts.add(key, attempt);
        if (stopping) {
            attempt.stop();
        }
        BatchStatus status;
        try (attempt) {
            JobExecution execution = RunFields.within(attempt, () -> operator.start(job, parameters));
            status = execution.getStatus();
            for (Throwable thrown : execution.getAllFailureExceptions()) {
                attempt.failed(Failures.of(thrown));
            }
        } catch (JobExecutionException e) {
            throw Failures.of(e);
        } catch (DataAccessException | TransactionException e) {
            throw Failures.ofRecord(attempt.run(), e);
        } finally {
            attempts.remove(key);
        }
        Duration took = Duration.between(began, clock.instant());
        BackupException failure = attempt.failure();
        if (status == BatchStatus.STOPPED || attempt.isStopping() && status != BatchStatus.COMPLETED) {
            return new Ended(
                    false,
                    "STOPPED",
                    took,
                    new BackupException(
                            Problem.INTERRUPTED,
                            "the " + job.getName() + " was stopped before its end",
                            "`hyperkeep runs restart " + attempt.run()
                                    + "` tries it again and repeats only what is needed"));
        }
        if (status != BatchStatus.COMPLETED && failure == null) {
            failure = Failures.unexpected(new IllegalStateException("the job ended as " + status));
        }
        boolean skipped = failure != null && failure.problem() == Problem.SKIPPED;
        return new Ended(failure == null, skipped ? RunOutcome.SKIPPED : "FAILED", took, failure);
    }

    private RunOutcome end(Attempt attempt, RunOutcome outcome) {
        RunRecords.Failure failure = failure(outcome);
        try {
            records.beat(attempt.run(), attempt.progress().view().phase());
            records.end(
                    attempt.run(),
                    outcome.state(),
                    outcome.backup() == null ? null : outcome.backup().toString(),
                    outcome.warnings().size(),
                    failure);
        } catch (DataAccessException | TransactionException e) {
            throw Failures.ofRecord(attempt.run(), e);
        }
        return outcome;
    }

    /** Why a run failed, or what it lacks although it did not. */
    private static RunRecords.@Nullable Failure failure(RunOutcome outcome) {
        BackupException failure = outcome.failure();
        if (failure != null) {
            return new RunRecords.Failure(
                    failure.problem().code(), String.valueOf(failure.getMessage()), failure.hint());
        }
        return outcome.databases().stream()
                .filter(database -> database.failure() != null)
                .findFirst()
                .map(database -> new RunRecords.Failure(
                        "incomplete",
                        "the backup lacks database " + database.database() + ": " + database.failure(),
                        "`hyperkeep runs restart " + outcome.run() + "` backs up only what is missing."))
                .orElse(null);
    }

    /** The parts of clusters: as any other run, but stopped with the whole. */
    private final class Parts implements PartRuns {
        @Override
        public Optional<Run> done(Attempt whole, String database) {
            return restarts.lastPart(whole.earlierRuns(), database)
                    .filter(run -> run.state().equals("SEALED") || run.state().equals("RESTORED"));
        }

        @Override
        public boolean begun(Attempt whole, String database) {
            return restarts.lastPart(whole.earlierRuns(), database).isPresent();
        }

        @Override
        public RunOutcome backup(Attempt whole, BackupPlan part) {
            Long earlier = restartable(whole, part.database().name());
            return apart(() -> backups(part, BeforeBackup.NOTHING, whole.progress(), earlier, whole));
        }

        @Override
        public RunOutcome restore(Attempt whole, RestoreRequest part) {
            Long earlier = restartable(whole, part.target().name());
            return apart(() -> restores(part, whole.progress(), earlier, whole));
        }

        /** In a thread of its own: Spring Batch starts no job where a step of another one is at work. */
        private static RunOutcome apart(Callable<RunOutcome> work) {
            FutureTask<RunOutcome> task = new FutureTask<>(work);
            Thread thread = new Thread(task, Thread.currentThread().getName() + "-part");
            thread.start();
            try {
                return task.get();
            } catch (ExecutionException e) {
                throw Failures.of(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackupException(Problem.INTERRUPTED, "interrupted while a part was at work", null, e);
            }
        }

        private @Nullable Long restartable(Attempt whole, String database) {
            return restarts.lastPart(whole.earlierRuns(), database)
                    .filter(Run::isRestartable)
                    .map(Run::run)
                    .orElse(null);
        }
    }
}

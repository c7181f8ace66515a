package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.Paths;
import io.hyperkeep.jobs.BeforeBackup;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.Hooks;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.jobs.PlannedRun;
import io.hyperkeep.jobs.PruneOutcome;
import io.hyperkeep.jobs.RestartableRun;
import io.hyperkeep.jobs.Retain;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.jobs.VerifyOutcome;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.Prune;
import io.hyperkeep.retention.PrunePlan;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.verify.VerifiedBackup;
import io.hyperkeep.verify.VerifyBackups;
import io.hyperkeep.verify.VerifyRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A command line in a folder of its own, with an engine that does nothing but remember what it was asked for. */
final class CommandFixture implements LaunchRun {
    final Path folder;
    final Map<String, String> environment = new HashMap<>();
    Supplier<RunOutcome> outcome = () -> {
        throw new AssertionError("nothing was to be run");
    };

    @Nullable
    BackupPlan backup;

    @Nullable
    RestoreRequest restore;

    @Nullable
    RunQueries runs;

    @Nullable
    Firings firings;

    boolean engineClosed;

    Clock clock = Clock.systemUTC();

    CommandFixture(Path folder) {
        this.folder = folder;
        environment.put("HYPERKEEP_HOME", folder.resolve("home").toString());
    }

    record Ended(int exitCode, String out, String err) {}

    Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Surroundings surroundings = new Surroundings(
                environment,
                new Paths(folder, folder),
                new PrintWriter(out),
                new Screen(new PrintWriter(err), false),
                clock);
        int exitCode = new CommandTree(surroundings, this::start).run(arguments);
        return new Ended(exitCode, visible(out), visible(err));
    }

    CommandFixture config(String yaml) {
        write("home/hyperkeep.yml", yaml);
        return this;
    }

    Path write(String path, String text) {
        try {
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String visible(StringWriter text) {
        return text.toString().replace(folder.toString(), "FOLDER");
    }

    private Engine start(Configuration configuration, LogLines logs) {
        engineClosed = false;
        return new Engine() {
            @Override
            public LaunchRun launch() {
                return CommandFixture.this;
            }

            @Override
            public RunPlan plans() {
                return new RunPlan(CommandFixture.this, Retain.EVERYTHING, Hooks.NONE, Notify.NOBODY);
            }

            @Override
            public ControlRuns control() {
                return new NoOtherRuns();
            }

            @Override
            public RunQueries runs() {
                return java.util.Objects.requireNonNull(runs);
            }

            @Override
            public Firings firings() {
                return java.util.Objects.requireNonNull(firings);
            }

            @Override
            public void close() {
                engineClosed = true;
            }
        };
    }

    @Override
    public RunOutcome backup(BackupPlan plan, BeforeBackup before, RunProgress progress) {
        backup = plan;
        return outcome.get();
    }

    @Override
    public RunOutcome restore(RestoreRequest request, RunProgress progress) {
        restore = request;
        return outcome.get();
    }

    @Override
    public RunOutcome drill(DrillRequest request, RunProgress progress) {
        throw new AssertionError("no drill was asked for");
    }

    @Override
    public RunOutcome restartDrill(long run, DrillRequest request, RunProgress progress) {
        throw new AssertionError("no drill was to be restarted");
    }

    /** What the run of a prune does, without its record. */
    @Override
    public PruneOutcome prune(PruneRequest request, RunProgress progress) {
        List<PrunePlan> pruned = new ArrayList<>();
        List<BackupException> failures = new ArrayList<>();
        for (DatabaseFolder database : request.folders()) {
            try {
                FolderLocks locks = new FolderLocks(database, clock, log -> {});
                pruned.add(new Prune(database, locks, request.rules(), clock).run("a prune", progress));
            } catch (BackupException e) {
                failures.add(e);
            }
        }
        BackupException failure = failures.isEmpty() ? null : failures.get(0);
        return new PruneOutcome(unrecorded("prune", failure), pruned, failures);
    }

    /** What the run of a verification does, without its record. */
    @Override
    public VerifyOutcome verify(VerifyRequest request, RunProgress progress) {
        try (VerifyBackups verify =
                new VerifyBackups(clock, log -> {}, request.jobs(), (backup, manifest) -> List.of())) {
            List<VerifiedBackup> verified = request.backups().stream()
                    .map(folder -> verify.run(folder, progress))
                    .toList();
            boolean whole = verified.stream().allMatch(VerifiedBackup::isWhole);
            BackupException failure = whole ? null : new BackupException(Problem.DAMAGED, "damaged", null);
            return new VerifyOutcome(unrecorded("verify", failure), verified, verify.files());
        }
    }

    private static RunOutcome unrecorded(String job, @Nullable BackupException failure) {
        return new RunOutcome(
                12,
                null,
                job,
                null,
                failure == null ? "DONE" : "FAILED",
                null,
                null,
                null,
                Duration.ofSeconds(1),
                failure == null,
                List.of(),
                failure);
    }

    @Override
    public PruneOutcome restartPrune(long run, PruneRequest request, RunProgress progress) {
        throw new AssertionError("no prune was to be restarted");
    }

    @Override
    public VerifyOutcome restartVerify(long run, VerifyRequest request, RunProgress progress) {
        throw new AssertionError("no verification was to be restarted");
    }

    @Override
    public RestartableRun restartable(long run) {
        throw new AssertionError("nothing was to be restarted");
    }

    @Override
    public RunOutcome restartBackup(long run, BackupPlan plan, BeforeBackup before, RunProgress progress) {
        throw new AssertionError("nothing was to be restarted");
    }

    @Override
    public RunOutcome restartRestore(long run, RestoreRequest request, RunProgress progress) {
        throw new AssertionError("nothing was to be restarted");
    }

    @Override
    public PlannedRun planBackup(BackupPlan plan) {
        return new PlannedRun(List.of(), 0, List.of(), List.of(), List.of());
    }

    @Override
    public PlannedRun planRestore(RestoreRequest request) {
        return new PlannedRun(List.of(), 0, List.of(), List.of(), List.of());
    }

    @Override
    public void warned(long run, int warnings) {}

    @Override
    public void stop() {}

    /** A record without any run of another process. */
    static final class NoOtherRuns implements ControlRuns {
        @Override
        public List<Run> recoverDead() {
            return List.of();
        }

        @Override
        public Run recover(long run) {
            throw new AssertionError("nothing was to be recovered");
        }

        @Override
        public Run stop(long run, Duration patience) {
            throw new AssertionError("nothing was to be stopped");
        }

        @Override
        public Run abandon(long run) {
            throw new AssertionError("nothing was to be abandoned");
        }

        @Override
        public Optional<Run> restartableInsteadOf(BackupPlan plan) {
            return Optional.empty();
        }
    }
}

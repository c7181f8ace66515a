package io.hyperkeep.cli;

import io.hyperkeep.archive.CheckListing;
import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.VerifiedBackup;
import io.hyperkeep.verify.VerifyBackups;
import io.hyperkeep.verify.VerifyRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code verify}: every file of a backup, or of all, against its manifest, without a database. */
@Command(
        name = "verify",
        description = "Read every file of a backup and compare it with its checksum and its number of rows.",
        customSynopsis = {
            "hyperkeep verify BACKUP [OPTIONS]",
            "       hyperkeep verify --repository DIR [--database NAME] [OPTIONS]"
        })
final class VerifyCommand implements Callable<Integer> {
    // a copy of a repository is verified without any configuration, so the default is not taken from there
    private static final String JOBS = "2";

    private final Session session;

    @Parameters(
            arity = "0..1",
            paramLabel = "BACKUP",
            description = "Path of a backup's folder, PLAN/latest, PLAN/ID, or with --repository an ID or latest;"
                    + " without it, every backup of the repository, shared files once.")
    @Nullable
    String backup;

    @Mixin
    LocationOptions location = new LocationOptions();

    @Option(
            names = {"-j", "--jobs"},
            paramLabel = "N",
            description = "Number of files that are read at the same time, 1 to 64; default: " + JOBS + ".")
    @Nullable
    String jobs;

    @Option(
            names = "--record",
            description =
                    "Record it as a run, which `runs` lists; without this nothing but the backup's files is needed.")
    boolean record;

    VerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Clock clock = session.surroundings().clock();
        Instant began = clock.instant();
        int threads = ResolvePlan.jobs(
                PlanLayer.flags(layer -> PlanOptions.one(layer, PlanKey.JOBS, jobs)),
                session.surroundings().environment());
        VerifyRequest request = request(threads);
        if (record) {
            return ReportVerified.end(session, new RunInForeground(session).run((engine, progress) -> engine.launch()
                    .verify(request, progress)));
        }
        try (VerifyBackups verify =
                new VerifyBackups(clock, session.surroundings().screen()::line, threads, listing()::run)) {
            List<VerifiedBackup> verified =
                    new RunInForeground(session).work("verify", progress -> verify(request, verify, progress));
            ReportVerified report = new ReportVerified(session, null);
            Duration took = Duration.between(began, clock.instant());
            return backup != null ? report.one(verified.get(0), took) : report.all(verified, verify.files(), took);
        }
    }

    private CheckListing listing() {
        return new CheckListing(
                ClientTools.of(session.surroundings().environment()),
                session.surroundings().screen()::line);
    }

    private VerifyRequest request(int threads) {
        if (backup != null) {
            BackupFolder folder = new FindBackup(session).find(backup, location);
            return VerifyRequest.of(folder, FindBackup.planOf(backup, session.configuration()), threads);
        }
        Path repository = session.plans().repository(location.repository);
        if (repository == null) {
            throw new BackupException(
                    Problem.USAGE, "a backup or a repository is missing", "give BACKUP, or --repository DIR.");
        }
        return VerifyRequest.every(null, repository, new FindBackup(session).database(location), threads);
    }

    private List<VerifiedBackup> verify(VerifyRequest request, VerifyBackups verify, RunProgress progress) {
        List<BackupFolder> backups = request.backups();
        verify.lock(backups, "a verification", lost -> {});
        if (backup != null) {
            // what keeps the only one from being read is told as it is
            backups.get(0).manifest();
        }
        return backups.stream().map(folder -> verify.run(folder, progress)).toList();
    }
}

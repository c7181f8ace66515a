package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.verify.FilesRead;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.VerifyFiles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        ReportVerified report = new ReportVerified(session);
        if (backup != null) {
            BackupFolder folder = new FindBackup(session).find(backup, location);
            List<VerifiedBackup> verified = verify(List.of(folder), threads, new FilesRead());
            return report.one(verified.get(0), Duration.between(began, clock.instant()));
        }
        FilesRead read = new FilesRead();
        List<VerifiedBackup> verified = verify(all(), threads, read);
        return report.all(verified, read.count(), Duration.between(began, clock.instant()));
    }

    private List<BackupFolder> all() {
        if (session.plans().repository(location.repository) == null) {
            throw new BackupException(
                    Problem.USAGE, "a backup or a repository is missing", "give BACKUP, or --repository DIR.");
        }
        return new ListBackups(session).ofRepositories(location);
    }

    private List<VerifiedBackup> verify(List<BackupFolder> folders, int threads, FilesRead read) {
        Map<String, FolderLock> locks = new LinkedHashMap<>();
        try {
            return new RunInForeground(session).work("verify", progress -> {
                for (BackupFolder folder : folders) {
                    folder.inRepository().ifPresent(database -> lock(database, locks));
                }
                List<VerifiedBackup> verified = new ArrayList<>();
                for (BackupFolder folder : folders) {
                    verified.add(verify(folder, progress, threads, read));
                }
                return verified;
            });
        } finally {
            locks.values().forEach(FolderLock::close);
        }
    }

    /** So that no prune deletes what is being read. */
    private void lock(DatabaseFolder database, Map<String, FolderLock> locks) {
        if (!locks.containsKey(database.name())) {
            new FolderLocks(
                            database,
                            session.surroundings().clock(),
                            session.surroundings().screen()::line)
                    .acquireToRead("a verification", lost -> {})
                    .ifPresent(lock -> locks.put(database.name(), lock));
        }
    }

    private VerifiedBackup verify(BackupFolder folder, RunProgress progress, int threads, FilesRead read) {
        try {
            return new VerifiedBackup(folder, folder.manifest(), new VerifyFiles(folder, progress, read).run(threads));
        } catch (BackupException e) {
            if (backup != null || e.problem() != Problem.DAMAGED) {
                throw e;
            }
            // one that can not be read keeps nobody from the others
            return new VerifiedBackup(
                    folder, null, List.of(new Finding(BackupFolder.MANIFEST, String.valueOf(e.getMessage()))));
        }
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.VerifyFiles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code verify}: every file of a backup against its manifest, without a database. */
@Command(
        name = "verify",
        description = "Read every file of a backup and compare it with its checksum and its number of rows.")
final class VerifyCommand implements Callable<Integer> {
    // a copy of a repository is verified without any configuration, so the default is not taken from there
    private static final String JOBS = "2";

    private final Session session;

    @Parameters(
            paramLabel = "BACKUP",
            description = "Path of a backup's folder, PLAN/latest, PLAN/ID, or with --repository an ID or latest.")
    String backup = "";

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
        BackupFolder folder = new FindBackup(session).find(backup, location);
        Manifest manifest = folder.manifest();
        List<Finding> findings = verify(folder);
        Duration took = Duration.between(began, clock.instant());
        boolean whole = findings.isEmpty();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("backup", folder.id());
        document.put("path", folder.path().toString());
        document.put("verified", whole);
        document.put("tables", manifest.totals().tables());
        document.put("units", manifest.totals().units());
        document.put("rows", manifest.totals().rows());
        document.put("storedBytes", manifest.totals().bytes());
        document.put("seconds", Figures.seconds(took));
        document.put("findings", findings.stream().map(VerifyCommand::finding).toList());
        session.results().print(document, () -> text(folder, manifest, findings, took));
        return whole
                ? 0
                : session.failures()
                        .report(
                                Problem.DAMAGED,
                                "backup " + folder.id() + " is damaged: " + Figures.count(findings.size(), "finding"),
                                "copy the files again from where the backup was copied from, or use another backup.");
    }

    private List<Finding> verify(BackupFolder folder) {
        RunProgress progress = new RunProgress();
        progress.enter("verify");
        int threads = ResolvePlan.jobs(
                PlanLayer.flags(layer -> PlanOptions.one(layer, PlanKey.JOBS, jobs)),
                session.surroundings().environment());
        try (ShowProgress shown = new ShowProgress(
                progress,
                session.surroundings().screen(),
                session.surroundings().clock())) {
            if (!session.global().quiet) {
                shown.begin();
            }
            return new VerifyFiles(folder, progress).run(threads);
        }
    }

    private static Map<String, String> finding(Finding finding) {
        Map<String, String> document = new LinkedHashMap<>();
        document.put("on", finding.on());
        document.put("what", finding.what());
        return document;
    }

    private static String text(BackupFolder folder, Manifest manifest, List<Finding> findings, Duration took) {
        if (!findings.isEmpty()) {
            Columns table = new Columns("FILE", "WHAT IS WRONG");
            findings.forEach(finding -> table.row(finding.on(), finding.what()));
            return table.toString();
        }
        return "backup " + folder.id() + " is whole: "
                + Figures.count(manifest.totals().units(), "unit") + ", "
                + Figures.count(manifest.totals().rows(), "row") + ", "
                + Figures.size(manifest.totals().bytes()) + ", verified in " + Figures.duration(took)
                + System.lineSeparator();
    }
}

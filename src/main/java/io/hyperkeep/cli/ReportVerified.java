package io.hyperkeep.cli;

import io.hyperkeep.jobs.VerifyOutcome;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.VerifiedBackup;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says what a verification found. */
final class ReportVerified {
    private static final String HINT =
            "copy the files again from where the backup was copied from, or use another backup.";

    private final Session session;
    private final @Nullable Long run;

    /** @param run the run's number, or null for a verification that is not recorded */
    ReportVerified(Session session, @Nullable Long run) {
        this.session = session;
        this.run = run;
    }

    /** Prints how a recorded verification ended, and returns the exit code. */
    static int end(Session session, VerifyOutcome outcome) {
        BackupException failure = outcome.run().failure();
        List<VerifiedBackup> verified = outcome.verified();
        if (failure != null && (failure.problem() != Problem.DAMAGED || verified.isEmpty())) {
            return session.failures().report(failure);
        }
        ReportVerified report = new ReportVerified(session, outcome.run().run());
        Duration took = outcome.run().seconds();
        return verified.size() == 1 ? report.one(verified.get(0), took) : report.all(verified, outcome.files(), took);
    }

    /** Prints it about one backup, and returns the exit code. */
    int one(VerifiedBackup backup, Duration took) {
        Map<String, @Nullable Object> document = document(backup);
        document.put("seconds", Figures.seconds(took));
        document.put("run", run);
        session.results().print(document, () -> backup.isWhole() ? whole(backup, took) : findings(backup));
        return backup.isWhole()
                ? 0
                : session.failures()
                        .report(
                                Problem.DAMAGED,
                                "backup " + backup.folder().id() + " is damaged: "
                                        + Figures.count(backup.findings().size(), "finding"),
                                HINT);
    }

    /** Prints it about all backups of a repository, and returns the exit code. */
    int all(List<VerifiedBackup> backups, int files, Duration took) {
        long damaged = backups.stream().filter(backup -> !backup.isWhole()).count();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("verified", damaged == 0);
        document.put("backups", backups.stream().map(ReportVerified::document).toList());
        document.put("files", files);
        document.put("seconds", Figures.seconds(took));
        document.put("run", run);
        session.results().print(document, () -> text(backups, files, took));
        return damaged == 0
                ? 0
                : session.failures()
                        .report(
                                Problem.DAMAGED,
                                damaged + " of " + Figures.count(backups.size(), "backup") + " "
                                        + (damaged == 1 ? "is" : "are") + " damaged",
                                HINT);
    }

    private static Map<String, @Nullable Object> document(VerifiedBackup backup) {
        Manifest manifest = backup.manifest();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("backup", backup.folder().id());
        document.put("path", backup.folder().path().toString());
        document.put("verified", backup.isWhole());
        document.put("tables", manifest == null ? null : manifest.totals().tables());
        document.put("units", manifest == null ? null : manifest.totals().units());
        document.put("rows", manifest == null ? null : manifest.totals().rows());
        document.put("storedBytes", manifest == null ? null : manifest.totals().bytes());
        document.put(
                "findings",
                backup.findings().stream().map(ReportVerified::finding).toList());
        return document;
    }

    private static Map<String, String> finding(Finding finding) {
        Map<String, String> document = new LinkedHashMap<>();
        document.put("on", finding.on());
        document.put("what", finding.what());
        return document;
    }

    private static String whole(VerifiedBackup backup, Duration took) {
        Manifest manifest = Objects.requireNonNull(backup.manifest());
        return "backup " + backup.folder().id() + " is whole: "
                + Figures.count(manifest.totals().units(), "unit") + ", "
                + Figures.count(manifest.totals().rows(), "row") + ", "
                + Figures.size(manifest.totals().bytes()) + ", verified in " + Figures.duration(took)
                + System.lineSeparator();
    }

    private static String findings(VerifiedBackup backup) {
        Columns table = new Columns("FILE", "WHAT IS WRONG");
        backup.findings().forEach(finding -> table.row(finding.on(), finding.what()));
        return table.toString();
    }

    private static String text(List<VerifiedBackup> backups, int files, Duration took) {
        Columns table = new Columns("BACKUP", "DATABASE", "WHOLE", "FILE", "WHAT IS WRONG");
        for (VerifiedBackup backup : backups) {
            String database = String.valueOf(ListBackups.databaseOf(backup.folder()));
            if (backup.isWhole()) {
                table.row(backup.folder().id(), database, "yes", "", "");
            }
            backup.findings()
                    .forEach(finding -> table.row(backup.folder().id(), database, "no", finding.on(), finding.what()));
        }
        return table + Figures.count(files, "file") + " read, verified in " + Figures.duration(took)
                + System.lineSeparator();
    }
}

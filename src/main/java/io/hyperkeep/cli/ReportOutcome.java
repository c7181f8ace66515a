package io.hyperkeep.cli;

import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.RestoredJobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints how a run ended and decides the exit code. */
final class ReportOutcome {
    private static final int DONE_WITH_WARNINGS = 3;

    private final Session session;

    ReportOutcome(Session session) {
        this.session = session;
    }

    /** The end of a run of any job. */
    int print(RunOutcome outcome) {
        return switch (outcome.job()) {
            case "restore" -> restore(outcome);
            case "drill" -> drill(outcome);
            default -> backup(outcome);
        };
    }

    /** The end of a backup: only SEALED, with its folder and totals, is a success. */
    private int backup(RunOutcome outcome) {
        Path folder = outcome.backup();
        Totals totals = outcome.totals();
        boolean whole = outcome.state().equals("SEALED") && folder != null;
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("backup", folder == null ? null : String.valueOf(folder.getFileName()));
        document.put("path", folder == null ? null : folder.toString());
        document.put("run", outcome.run());
        document.put("restarts", outcome.restarts());
        document.put("state", outcome.state());
        document.put("kind", outcome.kind().word());
        document.put("tables", totals == null ? null : totals.tables());
        document.put("units", totals == null ? null : totals.units());
        document.put("reusedUnits", totals == null ? null : totals.reusedUnits());
        document.put("reexported", totals == null ? null : totals.reexported());
        document.put("rows", totals == null ? null : totals.rows());
        document.put("bytes", totals == null ? null : totals.csvBytes());
        document.put("storedBytes", totals == null ? null : totals.bytes());
        document.put("writtenBytes", totals == null ? null : totals.writtenBytes());
        document.put("seconds", Figures.seconds(outcome.seconds()));
        document.put("consistent", whole && outcome.consistent());
        databases(document, outcome);
        document.put("warnings", BackupDocument.warnings(outcome.warnings()));
        return end(outcome, whole, document, "backup " + (folder == null ? "" : folder.getFileName() + " ") + "sealed");
    }

    /** The end of a restore: only RESTORED, with its totals, is a success. */
    private int restore(RunOutcome outcome) {
        return end(outcome, outcome.state().equals("RESTORED"), restored(outcome), "restored");
    }

    /** The end of a drill: only PASSED, with its totals, is a success. */
    private int drill(RunOutcome outcome) {
        Path folder = outcome.backup();
        Path evidence = outcome.evidence();
        Map<String, @Nullable Object> document = restored(outcome);
        document.put("backup", folder == null ? null : String.valueOf(folder.getFileName()));
        document.put("path", folder == null ? null : folder.toString());
        document.put("evidence", evidence == null ? null : evidence.toString());
        if (evidence != null && !outcome.state().equals("PASSED")) {
            session.note("the evidence of this drill is in " + evidence);
        }
        return end(
                outcome,
                outcome.state().equals("PASSED"),
                document,
                "backup " + (folder == null ? "" : folder.getFileName() + " ") + "was restored and compared");
    }

    private static Map<String, @Nullable Object> restored(RunOutcome outcome) {
        Totals totals = outcome.totals();
        RestoredJobs jobs = outcome.jobs();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("run", outcome.run());
        document.put("restarts", outcome.restarts());
        document.put("state", outcome.state());
        document.put("tables", totals == null ? null : totals.tables());
        document.put("units", totals == null ? null : totals.units());
        document.put("rows", totals == null ? null : totals.rows());
        document.put("bytes", totals == null ? null : totals.csvBytes());
        document.put("jobs", jobs == null ? null : jobsDocument(jobs));
        databases(document, outcome);
        document.put("seconds", Figures.seconds(outcome.seconds()));
        document.put("warnings", BackupDocument.warnings(outcome.warnings()));
        return document;
    }

    private static void databases(Map<String, @Nullable Object> document, RunOutcome outcome) {
        if (outcome.kind() == BackupKind.CLUSTER) {
            document.put("databases", outcome.databases());
        }
    }

    private static Map<String, Integer> jobsDocument(RestoredJobs jobs) {
        Map<String, Integer> document = new LinkedHashMap<>();
        document.put("restored", jobs.restored());
        document.put("on", jobs.on());
        return document;
    }

    private int end(RunOutcome outcome, boolean whole, Map<String, ?> document, String headline) {
        Totals totals = outcome.totals();
        BackupException failure = outcome.failure();
        boolean success = whole && totals != null && failure == null;
        boolean json = session.global().json();
        if (success || json) {
            session.results().print(document, () -> text(headline, outcome, java.util.Objects.requireNonNull(totals)));
        }
        if (!json && !session.global().quiet) {
            outcome.warnings()
                    .forEach(warning -> session.surroundings().screen().line("WARNING: " + warning.text()));
        }
        if (success) {
            boolean consistent = outcome.consistent();
            return outcome.warnings().isEmpty() && consistent ? 0 : DONE_WITH_WARNINGS;
        }
        if (outcome.state().equals("STOPPED")) {
            session.failures()
                    .report(
                            Problem.INTERRUPTED,
                            failure != null
                                    ? failure.getMessage()
                                    : "run " + outcome.run() + " was stopped before its end",
                            failure != null ? failure.hint() : null);
            return Problem.INTERRUPTED.exitCode();
        }
        return failure != null
                ? session.failures().report(failure)
                : session.failures()
                        .report(
                                Problem.UNEXPECTED,
                                "run " + outcome.run() + " ended as " + outcome.state() + " without a reason",
                                "this is a defect in hyperkeep; please report it with what --verbose prints.");
    }

    private static String text(String headline, RunOutcome outcome, Totals totals) {
        Duration took = outcome.seconds();
        StringBuilder text = new StringBuilder(headline)
                .append(" in ")
                .append(Figures.duration(took))
                .append(" (run ")
                .append(outcome.run())
                .append(outcome.restarts() == null ? "" : " restarts run " + outcome.restarts())
                .append(')')
                .append(System.lineSeparator());
        text.append("  ");
        if (outcome.kind() == BackupKind.CLUSTER) {
            long done = outcome.databases().stream()
                    .filter(database -> database.failure() == null)
                    .count();
            text.append(Figures.count(done, "database")).append(", ");
        }
        text.append(Figures.count(totals.tables(), "table"));
        if (outcome.kind() == BackupKind.TABLES) {
            text.append(", ")
                    .append(Figures.count(totals.units(), "unit"))
                    .append(totals.reusedUnits() == 0 ? "" : " (" + Figures.count(totals.reusedUnits()) + " reused)");
        }
        text.append(", ").append(Figures.count(totals.rows(), "row"));
        if (outcome.kind() == BackupKind.TABLES) {
            text.append(", ")
                    .append(Figures.size(totals.csvBytes()))
                    .append(" of CSV, ")
                    .append(Figures.rate(totals.csvBytes(), took));
        }
        text.append(System.lineSeparator());
        if (outcome.evidence() != null) {
            text.append("  evidence: ").append(outcome.evidence()).append(System.lineSeparator());
        }
        RestoredJobs jobs = outcome.jobs();
        if (jobs != null && jobs.restored() > 0) {
            text.append("  policies and jobs: ")
                    .append(Figures.count(jobs.restored()))
                    .append(jobs.on() == 0 ? ", all off" : ", " + Figures.count(jobs.on()) + " on")
                    .append(System.lineSeparator());
        }
        Path folder = outcome.backup();
        if (folder != null && outcome.state().equals("SEALED")) {
            if (!totals.reexported().isEmpty()) {
                text.append("  exported: ")
                        .append(totals.reexported().entrySet().stream()
                                .map(reason -> Figures.count(reason.getValue()) + " " + reason.getKey())
                                .collect(Collectors.joining(", ")))
                        .append(System.lineSeparator());
            }
            text.append("  ")
                    .append(Figures.size(totals.bytes()))
                    .append(" stored in ")
                    .append(folder)
                    .append(System.lineSeparator());
            if (!outcome.consistent()) {
                text.append("  not consistent: not every unit was read under one snapshot")
                        .append(System.lineSeparator());
            }
        }
        return text.toString();
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.jobs.PruneOutcome;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.retention.Decision;
import io.hyperkeep.retention.PrunePlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what a prune kept and deleted, and why. */
final class ReportPrune {
    private static final int DONE_WITH_WARNINGS = 3;

    private final Session session;

    ReportPrune(Session session) {
        this.session = session;
    }

    /**
     * Prints what a prune would do.
     *
     * @param plans one for each database
     * @return the exit code
     */
    int planned(List<PrunePlan> plans) {
        return print(null, plans, List.of());
    }

    /** Prints what a prune did, and then what failed; returns the exit code. */
    int done(PruneOutcome outcome) {
        return print(outcome.run().run(), outcome.pruned(), outcome.failures());
    }

    /** @param run its number, or null when nothing was done */
    private int print(@Nullable Long run, List<PrunePlan> plans, List<BackupException> failures) {
        List<String> warnings = plans.stream()
                .flatMap(plan -> plan.warnings().stream())
                .map(Warning::text)
                .toList();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("run", run);
        document.put("dryRun", run == null);
        document.put("databases", plans.stream().map(ReportPrune::document).toList());
        document.put("warnings", warnings);
        if (session.global().json() || !plans.isEmpty() || failures.isEmpty()) {
            session.results().print(document, () -> text(plans, run == null));
        }
        if (!session.global().json() && !session.global().quiet) {
            warnings.forEach(warning -> session.surroundings().screen().line("WARNING: " + warning));
        }
        int exitCode = warnings.isEmpty() ? 0 : DONE_WITH_WARNINGS;
        for (int i = failures.size() - 1; i >= 0; i--) {
            exitCode = session.failures().report(failures.get(i));
        }
        return exitCode;
    }

    private static Map<String, Object> document(PrunePlan plan) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("database", plan.folder().name());
        document.put(
                "backups", plan.decisions().stream().map(ReportPrune::decision).toList());
        document.put("removedBackups", plan.going().size());
        document.put("removedUnfinished", plan.unfinished().size());
        document.put("removedFiles", plan.garbage().size());
        document.put("removedBytes", plan.bytes());
        return document;
    }

    private static Map<String, Object> decision(Decision decision) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("backup", decision.backup().id());
        document.put("started", decision.backup().started().toString());
        document.put("kept", decision.kept());
        document.put("reasons", decision.reasons());
        return document;
    }

    private static String text(List<PrunePlan> plans, boolean dryRun) {
        if (plans.isEmpty()) {
            return "no backups" + System.lineSeparator();
        }
        Columns table = new Columns("BACKUP", "DATABASE", "STARTED", dryRun ? "STAYS" : "KEPT", "WHY");
        StringBuilder sums = new StringBuilder();
        for (PrunePlan plan : plans) {
            for (Decision decision : plan.decisions()) {
                table.row(
                        decision.backup().id(),
                        plan.folder().name(),
                        Figures.time(decision.backup().started()),
                        decision.kept() ? "yes" : "no",
                        decision.why());
            }
            sums.append(plan.folder().name())
                    .append(dryRun ? ": would delete " : ": deleted ")
                    .append(Figures.count(plan.going().size(), "backup"))
                    .append(", ")
                    .append(Figures.count(plan.unfinished().size(), "unfinished one"))
                    .append(", ")
                    .append(Figures.count(plan.garbage().size(), "data file"))
                    .append(" of ")
                    .append(Figures.size(plan.bytes()))
                    .append(System.lineSeparator());
        }
        return table + sums.toString();
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.check.CheckDatabase;
import io.hyperkeep.check.CheckRequest;
import io.hyperkeep.check.Finding;
import io.hyperkeep.check.Finding.Level;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.ResolvePlan.CheckValues;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code check}: what would stop or harm a backup. It takes the options of {@code backup}, so that these can be tried. */
@Command(
        name = "check",
        description = "Say what would stop or harm a backup: versions, privileges, locks, space. Changes nothing.",
        customSynopsis = {
            "hyperkeep check PLAN [OPTIONS]",
            "       hyperkeep check --database URI [--repository DIR] [OPTIONS]"
        })
final class CheckCommand implements Callable<Integer> {
    private static final int WARNINGS = 3;
    private static final int ERRORS = 1;

    private final Session session;

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "A configured plan.")
    @Nullable
    String plan;

    @Mixin
    PlanOptions options = new PlanOptions();

    @Mixin
    AccessOptions access = new AccessOptions();

    CheckCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<Finding> findings = find();
        long errors = count(findings, Level.ERROR);
        long warnings = count(findings, Level.WARNING);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("findings", findings.stream().map(CheckCommand::document).toList());
        document.put("errors", errors);
        document.put("warnings", warnings);
        session.results().print(document, () -> text(findings, errors, warnings));
        if (errors > 0) {
            boolean denied = findings.stream()
                    .filter(finding -> finding.level() == Level.ERROR)
                    .allMatch(Finding::denied);
            return denied ? Problem.DENIED.exitCode() : ERRORS;
        }
        return warnings > 0 ? WARNINGS : 0;
    }

    private List<Finding> find() {
        DatabaseAccess reach = access.access(session.surroundings().environment());
        if (plan == null) {
            CheckValues values = session.plans().checkValues(options.layer(), reach);
            return find(
                    values.database(),
                    new CheckRequest(
                            values.database().name(),
                            values.selection(),
                            values.jobs(),
                            values.lock(),
                            values.repository()));
        }
        options.refuseBeside(plan);
        BackupPlan whole = session.plans().named(plan, options.layer(), reach);
        return find(
                whole.database(),
                new CheckRequest(
                        whole.database().name(), whole.selection(), whole.jobs(), whole.lock(), whole.repository()));
    }

    private List<Finding> find(DatabaseSettings database, CheckRequest request) {
        return new CheckDatabase(
                        new Connections(database),
                        new ClientTools(database),
                        session.surroundings().clock())
                .run(request);
    }

    private static long count(List<Finding> findings, Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    private static Map<String, @Nullable String> document(Finding finding) {
        Map<String, @Nullable String> document = new LinkedHashMap<>();
        document.put("level", finding.level().name());
        document.put("check", finding.check());
        document.put("what", finding.what());
        document.put("hint", finding.hint());
        return document;
    }

    private static String text(List<Finding> findings, long errors, long warnings) {
        Columns table = new Columns("LEVEL", "CHECK", "WHAT");
        for (Finding finding : findings) {
            table.row(finding.level().name(), finding.check(), finding.what());
            String hint = finding.hint();
            if (hint != null) {
                // lines of SQL are left as they are, to be pasted
                String first = hint.indexOf('\n') < 0 ? "HINT: " : "";
                hint.lines().forEach(line -> table.row("", "", first + line));
            }
        }
        return table + Figures.count(errors, "error") + ", " + Figures.count(warnings, "warning")
                + System.lineSeparator();
    }
}

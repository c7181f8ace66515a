package io.hyperkeep.cli;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProcess;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunQueries.Detail;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code runs show}: one run with its phases. */
@Command(name = "show", description = "Show one run and its phases.")
final class RunsShowCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "RUN", description = "A run's number.")
    long run;

    RunsShowCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Engine engine = session.startEngine()) {
            Detail found = engine.runs()
                    .show(run)
                    .orElseThrow(() -> new BackupException(
                            Problem.NOT_FOUND, "there is no run " + run, "`hyperkeep runs list` lists the newest."));
            session.results().print(document(found), () -> text(found));
            return 0;
        }
    }

    private static Map<String, @Nullable Object> document(Detail detail) {
        Run run = detail.run();
        Map<String, @Nullable Object> document = RunsList.document(run);
        document.put("hint", run.hint());
        document.put("next", next(run));
        document.put("host", run.life().process().host());
        document.put("pid", run.life().process().pid());
        document.put("rows", run.rows());
        document.put("bytes", run.bytes());
        document.put("path", run.backup());
        document.put("warnings", run.warnings());
        document.put(
                "phases", detail.steps().stream().map(RunsShowCommand::phase).toList());
        document.put(
                "failedUnits",
                detail.failedUnits().stream()
                        .map(unit -> {
                            Map<String, @Nullable Object> failed = unit(unit);
                            failed.put("failure", unit.failure());
                            return failed;
                        })
                        .toList());
        document.put(
                "retriedUnits",
                detail.retriedUnits().stream().map(RunsShowCommand::unit).toList());
        return document;
    }

    private static Map<String, @Nullable Object> phase(RunQueries.Step step) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("phase", step.step());
        document.put("state", step.state());
        document.put("started", step.started() == null ? null : step.started().toString());
        document.put("ended", step.ended() == null ? null : step.ended().toString());
        return document;
    }

    private static Map<String, @Nullable Object> unit(RunQueries.TriedUnit unit) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("unit", unit.unit());
        document.put("table", unit.table());
        document.put("label", unit.label());
        document.put("tries", unit.tries());
        return document;
    }

    /** The command that goes on with the run, or null when there is nothing to do. */
    private static @Nullable String next(Run run) {
        if (run.state().equals("DEAD")) {
            return "hyperkeep runs recover " + run.run();
        }
        return run.isRestartable() ? "hyperkeep runs restart " + run.run() : null;
    }

    private static String chain(Run run) {
        return (run.restarts() == null ? "" : ", restarts run " + run.restarts())
                + (run.restartedAs() == null ? "" : ", restarted as run " + run.restartedAs());
    }

    private static String process(Run run) {
        RunProcess process = run.life().process();
        String where = process.pid() + " on " + process.host();
        return run.ended() != null
                ? where
                : where + ", last sign of life "
                        + Math.max(0, run.life().silence().toSeconds()) + " s ago";
    }

    private String text(Detail detail) {
        Run run = detail.run();
        StringBuilder text = new StringBuilder();
        line(text, "Run", run.run() + " (" + run.job() + chain(run) + ")");
        line(text, "Database", run.database() + (run.plan() == null ? "" : ", plan " + run.plan()));
        line(text, "State", run.state() + (run.phase() == null ? "" : ", in phase " + run.phase()));
        line(text, "Process", process(run));
        line(text, "Started", Figures.time(run.started()));
        line(text, "Ended", run.ended() == null ? "-" : Figures.time(run.ended()));
        line(
                text,
                "Took",
                Figures.duration(run.took(session.surroundings().clock().instant())));
        line(text, "Units", run.unitsDone() + " of " + run.units());
        line(text, "Rows", Figures.count(run.rows()) + ", " + Figures.size(run.bytes()) + " in files");
        if (run.backup() != null) {
            line(text, "Backup", run.backup());
        }
        if (run.failure() != null) {
            line(text, "Failure", run.failure());
            line(text, "Hint", run.hint() == null ? "-" : run.hint());
        }
        String next = next(run);
        if (next != null) {
            line(text, "Next", next);
        }
        if (!detail.steps().isEmpty()) {
            Columns table = new Columns("PHASE", "STATE", "STARTED", "TOOK>");
            detail.steps()
                    .forEach(step -> table.row(
                            step.step(),
                            step.state(),
                            step.started() == null ? "-" : Figures.time(step.started()),
                            took(step.started(), step.ended())));
            text.append(System.lineSeparator()).append(table);
        }
        detail.failedUnits().forEach(unit -> text.append(System.lineSeparator())
                .append(named(unit))
                .append(": ")
                .append(unit.tries() > 1 ? "tried " + unit.tries() + " times: " : "")
                .append(unit.failure())
                .append(System.lineSeparator()));
        detail.retriedUnits().forEach(unit -> text.append(System.lineSeparator())
                .append(named(unit))
                .append(" took ")
                .append(unit.tries())
                .append(" tries")
                .append(System.lineSeparator()));
        return text.toString();
    }

    private static String named(RunQueries.TriedUnit unit) {
        return "unit " + unit.unit() + " (" + unit.label() + ")";
    }

    private static String took(@Nullable Instant started, @Nullable Instant ended) {
        return started == null || ended == null ? "-" : Figures.duration(Duration.between(started, ended));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-9s %s%n", name, value));
    }
}

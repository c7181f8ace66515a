package io.hyperkeep.cli;

import io.hyperkeep.runs.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runs list}: the newest runs. */
@Command(name = "list", description = "List the newest runs, newest first.")
final class RunsListCommand implements Callable<Integer> {
    private static final int MOST = 20;

    private final Session session;

    @Option(names = "--limit", paramLabel = "N", description = "How many at most; default: " + MOST + ".")
    int limit = MOST;

    RunsListCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Engine engine = session.startEngine()) {
            List<Run> runs = engine.runs().list(Math.max(1, limit));
            session.results()
                    .print(
                            Map.of(
                                    "runs",
                                    runs.stream().map(RunsListCommand::document).toList()),
                            () -> runs.isEmpty() ? "no runs" + System.lineSeparator() : table(runs));
            return 0;
        }
    }

    static Map<String, @Nullable Object> document(Run run) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("run", run.run());
        document.put("job", run.job());
        document.put("database", run.database());
        document.put("plan", run.plan());
        document.put("state", run.state());
        document.put("started", run.started().toString());
        document.put("ended", run.ended() == null ? null : run.ended().toString());
        document.put("units", run.units());
        document.put("unitsDone", run.unitsDone());
        document.put("failure", run.failure());
        return document;
    }

    private static String table(List<Run> runs) {
        Columns table =
                new Columns("RUN>", "JOB", "DATABASE", "PLAN", "STATE", "STARTED", "ENDED", "UNITS>", "FAILURE");
        runs.forEach(run -> table.row(
                String.valueOf(run.run()),
                run.job(),
                run.database(),
                run.plan() == null ? "-" : run.plan(),
                run.state(),
                Figures.time(run.started()),
                run.ended() == null ? "-" : Figures.time(run.ended()),
                run.unitsDone() + "/" + run.units(),
                // the first line; `runs show` has it all
                run.failure() == null ? "" : run.failure().lines().findFirst().orElse("")));
        return table.toString();
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.runs.Run;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Prints the newest runs, for {@code runs} and {@code runs list}. */
abstract class RunsList {
    private static final int MOST = 20;

    private final Session session;

    @Option(names = "--limit", paramLabel = "N", description = "How many at most; default: " + MOST + ".")
    int limit = MOST;

    RunsList(Session session) {
        this.session = session;
    }

    final int print() {
        try (Engine engine = session.startEngine()) {
            List<Run> runs = engine.runs().list(Math.max(1, limit));
            session.results()
                    .print(
                            Map.of("runs", runs.stream().map(RunsList::document).toList()),
                            () -> runs.isEmpty()
                                    ? "no runs" + System.lineSeparator()
                                    : table(runs, session.surroundings().clock().instant()));
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
        document.put("restarts", run.restarts());
        document.put("restartedAs", run.restartedAs());
        return document;
    }

    private static String table(List<Run> runs, Instant now) {
        Columns table = new Columns(
                "RUN>", "RESTARTS>", "JOB", "DATABASE", "PLAN", "STATE", "STARTED", "TOOK>", "UNITS>", "FAILURE");
        runs.forEach(run -> table.row(
                String.valueOf(run.run()),
                run.restarts() == null ? "-" : String.valueOf(run.restarts()),
                run.job(),
                run.database(),
                run.plan() == null ? "-" : run.plan(),
                run.state(),
                Figures.time(run.started()),
                Figures.duration(run.took(now)),
                run.unitsDone() + "/" + run.units(),
                firstLine(run.failure())));
        return table.toString();
    }

    /** Of a failure; `runs show` has it all. */
    static String firstLine(@Nullable String failure) {
        return failure == null ? "" : failure.lines().findFirst().orElse("");
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.runs.Firing;
import io.hyperkeep.runs.Run;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Prints the newest runs and the firings that started none, for {@code runs} and {@code runs list}. */
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
            List<Line> lines = lines(engine, Math.max(1, limit));
            session.results()
                    .print(
                            Map.of("runs", lines.stream().map(Line::document).toList()),
                            () -> lines.isEmpty()
                                    ? "no runs" + System.lineSeparator()
                                    : table(
                                            lines,
                                            session.surroundings().clock().instant()));
            return 0;
        }
    }

    /** A run, or a firing of a schedule that started none. */
    private record Line(
            @Nullable Run run,
            @Nullable Firing firing,
            @Nullable Instant scheduled,
            Instant at) {
        Map<String, @Nullable Object> document() {
            Map<String, @Nullable Object> document =
                    run != null ? RunsList.document(run) : RunsList.document(Objects.requireNonNull(firing));
            document.put("scheduled", scheduled == null ? null : scheduled.toString());
            return document;
        }
    }

    private static List<Line> lines(Engine engine, int limit) {
        List<Run> runs = engine.runs().list(limit);
        Map<Long, Instant> scheduled = runs.isEmpty()
                ? Map.of()
                : engine.firings().scheduledFrom(runs.get(runs.size() - 1).run());
        return Stream.concat(
                        runs.stream().map(run -> new Line(run, null, scheduled.get(run.run()), run.started())),
                        engine.firings().withoutRun(limit).stream()
                                .map(firing -> new Line(null, firing, firing.scheduled(), firing.scheduled())))
                .sorted(Comparator.comparing(Line::at).reversed())
                .limit(limit)
                .toList();
    }

    private static Map<String, @Nullable Object> document(Firing firing) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("run", null);
        document.put("job", firing.job());
        document.put("database", firing.database());
        document.put("plan", firing.plan());
        document.put("state", firing.state());
        document.put("started", null);
        document.put("ended", null);
        document.put("units", 0);
        document.put("unitsDone", 0);
        document.put("failure", firing.reason());
        document.put("restarts", null);
        document.put("restartedAs", null);
        return document;
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

    private static String table(List<Line> lines, Instant now) {
        Columns table = new Columns(
                "RUN>", "RESTARTS>", "JOB", "DATABASE", "PLAN", "STATE", "STARTED", "TOOK>", "UNITS>", "FAILURE");
        lines.forEach(line -> {
            if (line.run() != null) {
                row(table, line.run(), now);
            } else {
                row(table, Objects.requireNonNull(line.firing()));
            }
        });
        return table.toString();
    }

    private static void row(Columns table, Run run, Instant now) {
        table.row(
                String.valueOf(run.run()),
                run.restarts() == null ? "-" : String.valueOf(run.restarts()),
                run.job(),
                run.database(),
                run.plan() == null ? "-" : run.plan(),
                run.state(),
                Figures.time(run.started()),
                Figures.duration(run.took(now)),
                run.unitsDone() + "/" + run.units(),
                firstLine(run.failure()));
    }

    private static void row(Columns table, Firing firing) {
        table.row(
                "-",
                "-",
                firing.job(),
                firing.database(),
                firing.plan(),
                firing.state(),
                "-",
                "-",
                "-",
                "scheduled for " + Figures.time(firing.scheduled())
                        + (firing.reason() == null ? "" : ": " + firstLine(firing.reason())));
    }

    /** Of a failure; `runs show` has it all. */
    static String firstLine(@Nullable String failure) {
        return failure == null ? "" : failure.lines().findFirst().orElse("");
    }
}

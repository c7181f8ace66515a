package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An operator's daemon: its processes one after the other, and what the record says of its firings. */
final class Served {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern READY = Pattern.compile("hyperkeep: serving on (http://127\\.0\\.0\\.1:[0-9]+)\n");
    private static final List<String> HEAP = List.of("-Xmx256m");

    final Operator operator;

    Served(Operator operator, String configuration) {
        this.operator = operator;
        operator.environment.put("HYPERKEEP_MANAGEMENT_PORT", "0");
        configure(configuration);
    }

    void configure(String configuration) {
        try {
            Files.createDirectories(operator.folder.resolve("home"));
            Files.writeString(operator.folder.resolve("home/hyperkeep.yml"), configuration);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Starts a daemon and waits until it is ready; the caller closes it. */
    RunningCommand start() {
        RunningCommand daemon = operator.fork(HEAP, "serve");
        address(daemon);
        return daemon;
    }

    /** Where it answers; waits until it does. */
    static String address(RunningCommand daemon) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(daemon.err()).containsPattern(READY));
        Matcher ready = READY.matcher(daemon.err());
        assertThat(ready.find()).isTrue();
        return ready.group(1);
    }

    /** Stops it and requires that it ended cleanly. */
    static void stop(RunningCommand daemon) {
        Operator.Ended ended = daemon.stop("TERM").ended();
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("hyperkeep: stopping; once more ends it at once");
    }

    /** A line of the list of runs: a run, or a firing without one. */
    record Line(
            @Nullable Long run,
            String plan,
            String job,
            String state,
            @Nullable Instant scheduled,
            @Nullable String failure) {
        boolean isOpen() {
            return state.equals("RUNNING") || state.equals("DEAD") || state.equals("WAITING");
        }
    }

    /** All of the list, oldest last. */
    List<Line> lines() {
        Operator.Ended ended = operator.run("runs", "list", "--limit", "100000", "--output", "json");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.json().get("runs").valueStream().map(Served::line).toList();
    }

    private static Line line(JsonNode line) {
        JsonNode scheduled = line.get("scheduled");
        return new Line(
                line.get("run").isNull() ? null : line.get("run").asLong(),
                line.get("plan").asString(""),
                line.get("job").asString(),
                line.get("state").asString(),
                scheduled.isNull() ? null : Instant.parse(scheduled.asString()),
                line.get("failure").asString(null));
    }

    /** Waits until a line of this plan is as wanted. */
    void awaitLine(String what, java.util.function.Predicate<Line> wanted) {
        await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> assertThat(lines())
                .as(what)
                .anyMatch(wanted));
    }

    /**
     * Requires of each plan's backups that every firing of a schedule that fires in this rhythm is in the list, once.
     *
     * @return how many firings there were, and how often they came to what
     */
    static String requireAccounted(List<Line> lines, Duration rhythm) {
        Map<String, List<Line>> byPlan =
                lines.stream().filter(line -> line.scheduled() != null).collect(Collectors.groupingBy(Line::plan));
        StringBuilder said = new StringBuilder();
        new TreeMap<>(byPlan).forEach((plan, of) -> {
            List<Instant> firings = of.stream().map(Line::scheduled).sorted().toList();
            assertThat(firings).as("firings of " + plan + ", each once").doesNotHaveDuplicates();
            for (int i = 1; i < firings.size(); i++) {
                assertThat(Duration.between(firings.get(i - 1), firings.get(i)))
                        .as("from firing " + firings.get(i - 1) + " of " + plan)
                        .isEqualTo(rhythm);
            }
            said.append(plan)
                    .append(": ")
                    .append(firings.size())
                    .append(" firings, ")
                    .append(new TreeMap<>(
                            of.stream().collect(Collectors.groupingBy(Line::state, Collectors.counting()))))
                    .append('\n');
        });
        return said.toString();
    }

    /** Requires that of no run either record says that it runs. */
    void requireNothingStarted() throws java.sql.SQLException {
        String url = "jdbc:h2:file:" + operator.folder.resolve("home/metadata");
        try (java.sql.Connection metadata = java.sql.DriverManager.getConnection(url, "hyperkeep", "")) {
            for (String table : List.of("BATCH_JOB_EXECUTION", "BATCH_STEP_EXECUTION")) {
                assertThat(ServerSays.one(
                                metadata,
                                "SELECT coalesce(listagg(JOB_EXECUTION_ID || ' ' || T.STATUS || ' ' || R.STATE, ', '), '')"
                                        + " FROM " + table + " T JOIN RUN R ON R.RUN_ID = T.JOB_EXECUTION_ID"
                                        + " WHERE T.STATUS IN ('STARTED', 'STARTING', 'STOPPING')"))
                        .as(table)
                        .isEmpty();
            }
            assertThat(ServerSays.one(metadata, "SELECT count(*) FROM RUN WHERE STATE = 'RUNNING'"))
                    .isEqualTo("0");
        }
    }
}

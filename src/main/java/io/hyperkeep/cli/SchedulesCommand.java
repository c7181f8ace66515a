package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.Firing;
import io.hyperkeep.runs.Run;
import io.hyperkeep.schedule.LocalTimes;
import io.hyperkeep.schedule.Schedule;
import java.nio.file.Files;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code schedules}: what the configuration says fires next; and what the record, if it can be read, says came last. */
@Command(
        name = "schedules",
        description = "List what fires next, in UTC and in its zone, and what came of the last time.")
final class SchedulesCommand implements Callable<Integer> {
    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm:ss xxx", Locale.ENGLISH);
    private static final int SHOWN = 3;
    private static final int MOST = 1000;

    private final Session session;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many next firings of each schedule; default: " + SHOWN + ".")
    int limit = SHOWN;

    SchedulesCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<Schedule> schedules = session.plans().schedules();
        Map<String, Last> last = schedules.isEmpty() ? Map.of() : last(schedules);
        Instant now = session.surroundings().clock().instant();
        session.results()
                .print(
                        Map.of(
                                "schedules",
                                schedules.stream()
                                        .map(schedule -> document(schedule, last.get(schedule.key()), now))
                                        .toList()),
                        () -> text(schedules, last, now));
        return 0;
    }

    /** @param state the firing's, or that of the run that it started */
    private record Last(Firing firing, String state) {}

    /** Empty when there is no record, or when it can not be read: what fires next is known without it. */
    private Map<String, Last> last(List<Schedule> schedules) {
        Configuration configuration = session.configuration();
        Map<String, Last> last = new HashMap<>();
        if (configuration.metadata().url() == null
                && !Files.exists(configuration.home().resolve("metadata.mv.db"))) {
            return last;
        }
        try (Engine engine = session.startEngine()) {
            for (Schedule schedule : schedules) {
                engine.firings().last(schedule.plan(), schedule.job().label()).ifPresent(firing -> {
                    String state = firing.run() == null || !firing.state().equals(Firing.RUN)
                            ? firing.state()
                            : engine.runs().find(firing.run()).map(Run::state).orElse(firing.state());
                    last.put(schedule.key(), new Last(firing, state));
                });
            }
        } catch (BackupException e) {
            session.note("what came last is not known: " + e.getMessage());
        }
        return last;
    }

    private List<Instant> next(Schedule schedule, Instant now) {
        return schedule.next(now, Math.min(Math.max(1, limit), MOST));
    }

    private Map<String, @Nullable Object> document(Schedule schedule, @Nullable Last last, Instant now) {
        List<Instant> next = next(schedule, now);
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("plan", schedule.plan());
        document.put("job", schedule.job().label());
        document.put(
                "schedule",
                schedule.times().stream().map(LocalTimes::expression).toList());
        document.put("zone", schedule.zone().getId());
        document.put("jitterSeconds", schedule.jitter().toSeconds());
        document.put("next", next.stream().map(Instant::toString).toList());
        document.put(
                "nextLocal",
                next.stream()
                        .map(instant -> instant.atZone(schedule.zone())
                                .toOffsetDateTime()
                                .toString())
                        .toList());
        document.put("last", last == null ? null : document(last));
        return document;
    }

    private static Map<String, @Nullable Object> document(Last last) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("scheduled", last.firing().scheduled().toString());
        document.put("state", last.state());
        document.put("run", last.firing().run());
        document.put("reason", last.firing().reason());
        return document;
    }

    private String text(List<Schedule> schedules, Map<String, Last> last, Instant now) {
        if (schedules.isEmpty()) {
            return "no schedules" + System.lineSeparator();
        }
        Columns table = new Columns("PLAN", "JOB", "NEXT", "IN ITS ZONE", "", "LAST");
        for (Schedule schedule : schedules) {
            String plan = schedule.plan();
            String job = schedule.job().label();
            String came = last.containsKey(schedule.key()) ? came(last.get(schedule.key())) : "-";
            for (Instant next : next(schedule, now)) {
                boolean delayed = !schedule.jitter().isZero();
                table.row(
                        plan,
                        job,
                        Figures.time(next),
                        LOCAL.format(next.atZone(schedule.zone())) + " " + schedule.zone(),
                        delayed ? "begins " + Figures.time(schedule.begins(next).truncatedTo(ChronoUnit.SECONDS)) : "",
                        came);
                plan = "";
                job = "";
                came = "";
            }
        }
        return table.toString();
    }

    private static String came(Last last) {
        Long run = last.firing().run();
        return last.state() + ", " + Figures.time(last.firing().scheduled()) + (run == null ? "" : ", run " + run);
    }
}

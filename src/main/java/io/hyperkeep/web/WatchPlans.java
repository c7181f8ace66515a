package io.hyperkeep.web;

import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunQueries.RunCount;
import io.hyperkeep.web.BoundedReading.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows how every plan is doing, by what is in the repositories and in the record of runs, and by nothing that this
 * process remembers: a restart changes nothing of it. Answers within {@link #PATIENCE}, whatever hangs. Thread-safe.
 */
public final class WatchPlans {
    /** How long whoever asks waits: Prometheus gives up after ten seconds by default. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /** How long an answer is handed out again, so that those who ask often do not read a network's files often. */
    static final Duration KEPT = Duration.ofSeconds(5);

    private final Supplier<List<WatchedPlan>> plans;
    private final InstantSource clock;
    private final BoundedReading<RunsRead> runs;
    private Map<WatchedPlan, BoundedReading<FindGoodBackup.Found>> readings = new HashMap<>();

    /**
     * @param plans the plans as they are configured now
     * @param runs the record of runs
     * @param firings the record of what schedules did
     * @param clock tells the time
     */
    public WatchPlans(Supplier<List<WatchedPlan>> plans, RunQueries runs, Firings firings, InstantSource clock) {
        this.plans = plans;
        this.clock = clock;
        this.runs = new BoundedReading<>(
                "the record of runs",
                () -> new RunsRead(runs.running(), runs.lastOfPlans(), runs.counts(), firings.accounted()),
                KEPT,
                PATIENCE,
                System::nanoTime);
    }

    /**
     * What the record of runs says.
     *
     * @param running those that are recorded as running, dead ones included
     * @param last of each plan and job the last run that succeeded or failed by itself
     * @param counts how many ended how
     * @param accounted up to when it is known what became of the firings of each schedule, by its key
     */
    record RunsRead(List<Run> running, List<Run> last, List<RunCount> counts, Map<String, Instant> accounted) {}

    /** All that is known now. */
    record View(List<PlanState> plans, Result<RunsRead> runs) {}

    /** How everything is doing now. */
    View view() {
        List<WatchedPlan> watched = plans.get();
        Map<WatchedPlan, BoundedReading<FindGoodBackup.Found>> reading = readings(watched);
        // all of them at the same time, so that they hang at the same time too
        runs.ask();
        reading.values().forEach(BoundedReading::ask);
        Result<RunsRead> record = runs.get();
        List<PlanState> states = watched.stream()
                .map(plan -> new PlanState(plan, reading.get(plan).get(), last(plan, record.value())))
                .toList();
        return new View(states, record);
    }

    private synchronized Map<WatchedPlan, BoundedReading<FindGoodBackup.Found>> readings(List<WatchedPlan> watched) {
        Map<WatchedPlan, BoundedReading<FindGoodBackup.Found>> now = new HashMap<>();
        for (WatchedPlan plan : watched) {
            BoundedReading<FindGoodBackup.Found> before = readings.get(plan);
            now.put(plan, before != null ? before : reading(plan));
        }
        readings = now;
        return now;
    }

    private BoundedReading<FindGoodBackup.Found> reading(WatchedPlan plan) {
        FindGoodBackup find = new FindGoodBackup(plan, clock);
        return new BoundedReading<>("the repository " + plan.repository(), find::run, KEPT, PATIENCE, System::nanoTime);
    }

    private static Map<String, Run> last(WatchedPlan plan, @Nullable RunsRead read) {
        Map<String, Run> last = new HashMap<>();
        if (read != null) {
            read.last().stream().filter(run -> plan.name().equals(run.plan())).forEach(run -> last.put(run.job(), run));
            // recorded as running, but its process is gone: that is how it ended
            read.running().stream()
                    .filter(run -> plan.name().equals(run.plan()) && run.state().equals("DEAD"))
                    .forEach(run -> last.put(run.job(), run));
        }
        return last;
    }
}

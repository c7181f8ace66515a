package io.hyperkeep.web;

import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunQueries.RunCount;
import io.hyperkeep.schedule.Schedule;
import io.hyperkeep.web.WatchPlans.RunsRead;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of plans and runs, made anew for each scrape from what is in the repositories and the record of runs: they
 * are the same after a restart, those of a plan that is no longer configured are gone, and their number grows with plans,
 * never with tables, units or runs. Thread-safe.
 *
 * <p>Names follow <a href="https://prometheus.io/docs/practices/naming/">Prometheus' conventions</a>; operations.md
 * lists them.
 */
public final class PlanMetrics implements MultiCollector {
    private final WatchPlans plans;
    private final Supplier<List<Schedule>> schedules;
    private final InstantSource clock;
    private final String version;

    /**
     * @param plans knows how plans are doing
     * @param schedules what fires
     * @param clock tells the time
     * @param version of this program
     */
    public PlanMetrics(WatchPlans plans, Supplier<List<Schedule>> schedules, InstantSource clock, String version) {
        this.plans = plans;
        this.schedules = schedules;
        this.clock = clock;
        this.version = version;
    }

    @Override
    public MetricSnapshots collect() {
        Instant now = clock.instant();
        WatchPlans.View view = plans.view();
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        all.metricSnapshot(InfoSnapshot.builder()
                .name("hyperkeep_build")
                .help("1; the version is a label")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of("version", version))
                        .build())
                .build());
        ofPlans(view.plans(), now, all);
        ofBackups(view.plans(), now, all);
        ofLastRuns(view.plans(), all);
        RunsRead runs = view.runs().value();
        all.metricSnapshot(gauge("hyperkeep_metadata_up", "1 when the record of runs can be read, else 0")
                .dataPoint(point(Labels.EMPTY, runs == null ? 0 : 1))
                .build());
        if (runs != null) {
            all.metricSnapshot(running(view.plans(), runs.running()));
            all.metricSnapshot(ended(runs.counts()));
        }
        all.metricSnapshot(next(runs == null ? Map.of() : runs.accounted(), now));
        return all.build();
    }

    /** Of each schedule the first firing that nothing is known of yet: in the past when schedules do not fire. */
    private GaugeSnapshot next(Map<String, Instant> accounted, Instant now) {
        GaugeSnapshot.Builder next = gauge(
                "hyperkeep_next_firing_timestamp_seconds", "When a job of a plan fires next, in seconds since 1970");
        for (Schedule schedule : schedules.get()) {
            schedule.next(accounted.getOrDefault(schedule.key(), now))
                    .ifPresent(firing -> next.dataPoint(point(
                            Labels.of(
                                    "plan",
                                    schedule.plan(),
                                    "job_name",
                                    schedule.job().label()),
                            schedule.begins(firing).toEpochMilli() / 1000.0)));
        }
        return next.build();
    }

    private static void ofPlans(List<PlanState> plans, Instant now, MetricSnapshots.Builder all) {
        GaugeSnapshot.Builder healthy =
                gauge("hyperkeep_plan_healthy", "1 when the health of a plan is UP, 0 when it is DOWN");
        GaugeSnapshot.Builder readable =
                gauge("hyperkeep_repository_readable", "1 when the repository of a plan can be read, else 0");
        GaugeSnapshot.Builder objective =
                gauge("hyperkeep_freshness_objective_seconds", "How old the newest good backup of a plan may become");
        for (PlanState state : plans) {
            healthy.dataPoint(point(labels(state.plan()), state.problems(now).isEmpty() ? 1 : 0));
            readable.dataPoint(point(labels(state.plan()), state.backups().value() == null ? 0 : 1));
            if (state.plan().freshness() != null) {
                objective.dataPoint(
                        point(labels(state.plan()), state.plan().freshness().toMillis() / 1000.0));
            }
        }
        all.metricSnapshot(healthy.build());
        all.metricSnapshot(readable.build());
        all.metricSnapshot(objective.build());
    }

    private static void ofBackups(List<PlanState> plans, Instant now, MetricSnapshots.Builder all) {
        GaugeSnapshot.Builder age = gauge(
                "hyperkeep_last_good_backup_age_seconds",
                "Since the run began that made the newest good backup; +Inf when there is none");
        for (PlanState state : plans) {
            if (state.backups().value() != null) {
                GoodBackup newest = state.newest();
                age.dataPoint(point(
                        labels(state.plan()),
                        newest == null
                                ? Double.POSITIVE_INFINITY
                                : newest.age(now).toMillis() / 1000.0));
            }
        }
        all.metricSnapshot(age.build());
        newest(
                plans,
                all,
                "duration_seconds",
                "From the run's beginning to the seal",
                backup -> backup.took().toMillis() / 1000.0);
        newest(plans, all, "rows", "Rows", backup -> backup.totals().rows());
        newest(plans, all, "bytes", "Bytes as CSV, uncompressed", backup -> backup.totals()
                .csvBytes());
        newest(plans, all, "stored_bytes", "Bytes of its files, shared ones included", backup -> backup.totals()
                .bytes());
        newest(plans, all, "written_bytes", "Bytes that its run wrote", backup -> backup.totals()
                .writtenBytes());
        newest(plans, all, "units", "Data files", backup -> backup.totals().units());
        newest(plans, all, "reused_units", "Data files taken over from earlier backups", backup -> backup.totals()
                .reusedUnits());
        newest(plans, all, "throughput_bytes_per_second", "Uncompressed bytes a second", GoodBackup::bytesPerSecond);
        newest(plans, all, "warnings", "Things that are not as asked for", GoodBackup::warnings);
    }

    private static void newest(
            List<PlanState> plans,
            MetricSnapshots.Builder all,
            String name,
            String help,
            ToDoubleFunction<GoodBackup> value) {
        GaugeSnapshot.Builder gauge = gauge("hyperkeep_last_good_backup_" + name, help + ", of the newest good backup");
        for (PlanState state : plans) {
            GoodBackup newest = state.newest();
            if (newest != null) {
                gauge.dataPoint(point(labels(state.plan()), value.applyAsDouble(newest)));
            }
        }
        all.metricSnapshot(gauge.build());
    }

    private static void ofLastRuns(List<PlanState> plans, MetricSnapshots.Builder all) {
        GaugeSnapshot.Builder success = gauge(
                "hyperkeep_last_run_success", "1 when the last run of a job of a plan succeeded, 0 when it failed");
        GaugeSnapshot.Builder duration = gauge("hyperkeep_last_run_duration_seconds", "How long that run took");
        GaugeSnapshot.Builder started =
                gauge("hyperkeep_last_run_start_timestamp_seconds", "When that run began, in seconds since 1970");
        for (PlanState state : plans) {
            for (Run run : state.lastRuns().values()) {
                Labels labels = labels(state.plan()).merge(Labels.of("job_name", run.job()));
                success.dataPoint(point(labels, Outcome.of(run.state()) == Outcome.SUCCEEDED ? 1 : 0));
                duration.dataPoint(point(labels, run.took(run.started()).toMillis() / 1000.0));
                started.dataPoint(point(labels, run.started().toEpochMilli() / 1000.0));
            }
        }
        all.metricSnapshot(success.build());
        all.metricSnapshot(duration.build());
        all.metricSnapshot(started.build());
    }

    private static GaugeSnapshot running(List<PlanState> plans, List<Run> running) {
        Map<List<String>, Long> byPlan = new TreeMap<>(PlanMetrics::inOrder);
        // a figure that comes and goes can not be drawn
        plans.forEach(state -> byPlan.put(List.of(state.plan().name(), "backup"), 0L));
        running.stream()
                .filter(run -> run.state().equals("RUNNING"))
                .forEach(run -> byPlan.merge(List.of(plan(run.plan()), run.job()), 1L, Long::sum));
        GaugeSnapshot.Builder gauge =
                gauge("hyperkeep_runs_running", "Runs that are running now; plan is empty for those without one");
        byPlan.forEach(
                (key, runs) -> gauge.dataPoint(point(Labels.of("plan", key.get(0), "job_name", key.get(1)), runs)));
        return gauge.build();
    }

    private static CounterSnapshot ended(List<RunCount> counts) {
        Map<List<String>, Long> byOutcome = new TreeMap<>(PlanMetrics::inOrder);
        counts.forEach(count -> byOutcome.merge(
                List.of(
                        plan(count.plan()),
                        count.job(),
                        Outcome.of(count.state()).label()),
                count.runs(),
                Long::sum));
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("hyperkeep_runs")
                .help("Runs that ended, by how: succeeded, failed, stopped, skipped; as the record of runs has them");
        byOutcome.forEach((key, runs) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                .labels(Labels.of("plan", key.get(0), "job_name", key.get(1), "outcome", key.get(2)))
                .value(runs)
                .build()));
        return counter.build();
    }

    private static int inOrder(List<String> one, List<String> other) {
        return String.join("\0", one).compareTo(String.join("\0", other));
    }

    private static String plan(@Nullable String plan) {
        return plan == null ? "" : plan;
    }

    private static Labels labels(WatchedPlan plan) {
        return Labels.of("plan", plan.name(), "database", plan.database(), "kind", plan.kindName());
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static GaugeDataPointSnapshot point(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}

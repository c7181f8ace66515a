package io.hyperkeep.web;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.ConfigurationSource;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.Freshness;
import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.config.ResolvePlan;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.schedule.Pauses;
import io.hyperkeep.schedule.Schedule;
import io.hyperkeep.schedule.ScheduledJob;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The plans of the configuration that is in force, as they are watched. Thread-safe. */
final class ConfiguredPlans {
    private final ConfigurationSource source;
    private final InstantSource clock;
    private volatile @Nullable Resolved resolved;

    ConfiguredPlans(ConfigurationSource source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Worked out once for each configuration. */
    private record Resolved(
            Configuration configuration,
            Map<String, BackupPlan> plans,
            List<WatchedPlan> watched,
            List<Schedule> schedules) {}

    /** Every plan, in the file's order. */
    List<WatchedPlan> watched() {
        return current().watched();
    }

    /** A plan by its name; empty when it was taken out of the configuration. */
    Optional<BackupPlan> plan(String name) {
        return Optional.ofNullable(current().plans().get(name));
    }

    /** Everything that fires. */
    List<Schedule> schedules() {
        return current().schedules();
    }

    private Resolved current() {
        Configuration current = source.current();
        Resolved last = resolved;
        if (last == null || last.configuration() != current) {
            last = resolve(current);
            resolved = last;
        }
        return last;
    }

    private Resolved resolve(Configuration configuration) {
        ResolvePlan resolve = new ResolvePlan(configuration, source.uris());
        List<Schedule> schedules = resolve.schedules();
        Map<String, BackupPlan> plans = new LinkedHashMap<>();
        configuration
                .plans()
                .keySet()
                .forEach(name -> plans.put(name, resolve.named(name, PlanLayer.EMPTY, DatabaseAccess.NONE)));
        List<WatchedPlan> watched = plans.entrySet().stream()
                .map(plan -> WatchedPlan.of(
                        plan.getValue(), limit(plan.getKey(), resolve.freshness(plan.getKey()), schedules)))
                .toList();
        return new Resolved(configuration, plans, watched, schedules);
    }

    private @Nullable Duration limit(String plan, Freshness freshness, List<Schedule> schedules) {
        if (!freshness.scheduled()) {
            return freshness.limit();
        }
        return schedules.stream()
                .filter(schedule -> schedule.plan().equals(plan) && schedule.job() == ScheduledJob.BACKUP)
                .flatMap(schedule -> Pauses.longest(schedule, clock.instant()).stream())
                .map(pause -> pause.multipliedBy(2))
                .findFirst()
                .orElse(null);
    }
}

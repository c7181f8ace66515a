package io.hyperkeep.schedule;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the daemon is to fire, and how.
 *
 * @param plans with everything of them that is scheduled
 * @param parallelRuns how many runs at the same time, at least 1
 * @param restart whether interrupted runs are restarted
 */
public record ServedPlans(List<ScheduledPlan> plans, int parallelRuns, boolean restart) {
    public ServedPlans {
        plans = List.copyOf(plans);
    }

    Map<String, ScheduledPlan> byName() {
        return plans.stream().collect(Collectors.toMap(ScheduledPlan::name, Function.identity()));
    }

    List<Schedule> schedules() {
        return plans.stream().flatMap(plan -> plan.schedules().stream()).toList();
    }
}

package io.hyperkeep.schedule;

import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.restore.RestoreOptions;
import io.hyperkeep.retention.PruneRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan with what of it is scheduled, and what that is done with.
 *
 * @param backup the plan itself
 * @param schedules its jobs that fire, each job at most once
 * @param timeout how long a scheduled run may last, or null
 * @param prune what a prune does
 * @param drillServer a database of the server that drills restore on, or null
 * @param restore how a drill restores
 */
public record ScheduledPlan(
        BackupPlan backup,
        List<Schedule> schedules,
        @Nullable Duration timeout,
        PruneRequest prune,
        @Nullable DatabaseSettings drillServer,
        RestoreOptions restore) {
    public ScheduledPlan {
        schedules = List.copyOf(schedules);
    }

    /** The plan's name. */
    public String name() {
        return String.valueOf(backup.name());
    }
}

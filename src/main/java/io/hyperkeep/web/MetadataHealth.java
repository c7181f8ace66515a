package io.hyperkeep.web;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether the record of runs can be read: without it no run can begin. Thread-safe. */
public final class MetadataHealth implements HealthIndicator {
    private final WatchPlans plans;

    /** @param plans reads it */
    public MetadataHealth(WatchPlans plans) {
        this.plans = plans;
    }

    @Override
    public Health health() {
        String trouble = plans.view().runs().trouble();
        return trouble == null
                ? Health.up().build()
                : Health.down().withDetail("problem", trouble).build();
    }
}

package io.hyperkeep.web;

import io.hyperkeep.runs.Run;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The health of each plan that is configured now, under the plan's name. Thread-safe. */
public final class PlanHealth implements CompositeHealthContributor {
    private final WatchPlans plans;
    private final InstantSource clock;

    /**
     * @param plans knows how plans are doing
     * @param clock tells the time
     */
    public PlanHealth(WatchPlans plans, InstantSource clock) {
        this.plans = plans;
        this.clock = clock;
    }

    @Override
    public @Nullable HealthContributor getContributor(String name) {
        return stream()
                .filter(entry -> entry.name().equals(name))
                .map(Entry::contributor)
                .findFirst()
                .orElse(null);
    }

    @Override
    public Stream<Entry> stream() {
        return plans.view().plans().stream().map(state -> {
            HealthIndicator health = () -> health(state, clock.instant());
            return new Entry(state.plan().name(), health);
        });
    }

    private static Health health(PlanState state, Instant now) {
        List<String> problems = state.problems(now);
        Health.Builder health = problems.isEmpty() ? Health.up() : Health.down().withDetail("problems", problems);
        health.withDetail("database", state.plan().database());
        if (state.plan().freshness() != null) {
            health.withDetail("freshness", Words.of(state.plan().freshness()));
        }
        GoodBackup newest = state.newest();
        if (newest != null) {
            health.withDetail("newestGoodBackup", newest.id());
            health.withDetail("age", Words.of(newest.age(now)));
            health.withDetail("ageSeconds", newest.age(now).toSeconds());
        }
        state.lastRuns().forEach((job, run) -> health.withDetail("last " + job, sentence(run)));
        return health.build();
    }

    private static String sentence(Run run) {
        String text = "run " + run.run() + ", " + run.state() + ", started " + run.started();
        return Outcome.of(run.state()) == Outcome.FAILED ? text + ": " + Words.why(run) : text;
    }
}

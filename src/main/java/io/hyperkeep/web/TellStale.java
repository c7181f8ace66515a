package io.hyperkeep.web;

import io.hyperkeep.runs.StalePlans;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Tells when a plan becomes stale: once, not all the while, and again only after it had a good backup in between. To be
 * called every minute or so, by one thread.
 */
public final class TellStale implements Runnable {
    private final WatchPlans plans;
    private final StalePlans known;
    private final BiConsumer<String, String> tell;
    private final InstantSource clock;
    /** What was last known of each plan, for while its repository can not be read. */
    private Map<WatchedPlan, Watched> watched = new HashMap<>();

    /**
     * @param plans knows how plans are doing
     * @param known remembers what was told
     * @param tell takes a plan's name and a sentence
     * @param clock tells the time
     */
    public TellStale(WatchPlans plans, StalePlans known, BiConsumer<String, String> tell, InstantSource clock) {
        this.plans = plans;
        this.known = known;
        this.tell = tell;
        this.clock = clock;
    }

    /** @param since when this process began to watch it */
    private record Watched(Instant since, PlanState state) {}

    @Override
    public void run() {
        Instant now = clock.instant();
        Map<WatchedPlan, Watched> next = new HashMap<>();
        for (PlanState state : plans.view().plans()) {
            Watched before = watched.get(state.plan());
            boolean unknown = state.backups().value() == null && before != null;
            Watched current = new Watched(before == null ? now : before.since(), unknown ? before.state() : state);
            next.put(state.plan(), current);
            look(current, now);
        }
        watched = next;
    }

    private void look(Watched plan, Instant now) {
        String name = plan.state().plan().name();
        Optional<String> stale = plan.state().stale(now);
        if (stale.isEmpty()) {
            if (plan.state().backups().value() != null) {
                known.ends(name);
            }
        } else if (isDue(plan, now) && known.begins(name, now)) {
            tell.accept(name, stale.get());
        }
    }

    /** A plan that never had a backup gets the time for its first one. */
    private static boolean isDue(Watched plan, Instant now) {
        boolean had = plan.state().newest() != null || plan.state().lastRuns().containsKey("backup");
        return had || now.isAfter(plan.since().plus(plan.state().plan().freshness()));
    }
}

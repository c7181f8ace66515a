package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.hooks.RunHooks;
import io.hyperkeep.jobs.Hooks;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.notify.NotifyReceivers;
import io.hyperkeep.runs.RunQueries;
import java.time.Clock;
import java.util.function.Supplier;
import org.springframework.context.support.GenericApplicationContext;

/** Gives the engine what the configuration says about plans and the engine does not read: hooks, and who is told. */
final class AroundPlans {
    private AroundPlans() {}

    /** @param configuration asked for each backup, so that one that was read anew holds from then on */
    static void register(GenericApplicationContext beans, Supplier<Configuration> configuration) {
        beans.registerBean(
                Hooks.class,
                () -> new RunHooks(plan -> configuration.get().around().hooks(plan), System.getenv()));
        beans.registerBean(
                Notify.class,
                () -> new NotifyReceivers(
                        plan -> configuration.get().around().receivers(plan),
                        beans.getBean(RunQueries.class),
                        beans.getBean(Clock.class)));
    }
}

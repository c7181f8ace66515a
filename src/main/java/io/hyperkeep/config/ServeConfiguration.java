package io.hyperkeep.config;

import io.hyperkeep.schedule.Scheduling;
import io.hyperkeep.schedule.ServedPlans;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the daemon fire what the configuration says, from its start and after it was read anew. Thread-safe. */
public final class ServeConfiguration {
    private static final Logger log = LoggerFactory.getLogger(ServeConfiguration.class);

    private final ConfigurationSource source;
    private final Scheduling scheduling;

    public ServeConfiguration(ConfigurationSource source, Scheduling scheduling) {
        this.source = source;
        this.scheduling = scheduling;
    }

    /** Begins to fire. */
    public void begin() {
        scheduling.begin(served(source.current()));
    }

    /**
     * Reads the configuration anew and goes on with it; runs go on as they began.
     *
     * @return the number of schedules that are fired from now on
     * @throws io.hyperkeep.problem.BackupException with everything that is wrong with it; then the old one stays in force
     */
    public synchronized int reload() {
        Configuration before = source.current();
        Configuration read = source.read();
        ServedPlans served = served(read);
        boolean later = !before.metadata().equals(read.metadata())
                || !before.home().equals(read.home())
                || !before.management().equals(read.management())
                || !before.logging().equals(read.logging());
        if (later) {
            log.warn("home, metadata, logging and management are as they were until the daemon is started again");
        }
        source.use(read);
        scheduling.reload(served);
        return scheduling.size();
    }

    /** Begins nothing new and waits for the end of what runs. */
    public void end() {
        Duration grace = source.current().serve().stopGrace();
        scheduling.end(grace);
    }

    private ServedPlans served(Configuration configuration) {
        ResolvePlan plans = new ResolvePlan(configuration, source.uris());
        return new ServedPlans(
                configuration.plans().keySet().stream().map(plans::scheduled).toList(),
                configuration.serve().parallelRuns(),
                configuration.serve().restartOnStart());
    }
}

package io.hyperkeep.schedule;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Date;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;
import org.quartz.ObjectAlreadyExistsException;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.simpl.RAMJobStore;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/**
 * Calls back when a schedule's next firing begins: Quartz, with a job for each schedule and a trigger for each firing, named
 * after it. Alone, it keeps them in memory; of several daemons with one PostgreSQL record, Quartz has each called by one of
 * them, and by another when that one died. Thread-safe.
 */
final class FireOnTime implements AutoCloseable {
    private static final String WORDS = "words";
    private static final String DATA_SOURCE = "metadata";

    private final Scheduler scheduler;

    /**
     * @param shared where daemons share what is to be fired, or null when there is one daemon
     * @param fired told the key of a schedule whose next firing begins; called by several threads
     */
    FireOnTime(@Nullable DataSource shared, Consumer<String> fired) {
        try {
            Properties properties = new Properties();
            properties.put("org.quartz.scheduler.instanceName", "hyperkeep");
            properties.put("org.quartz.threadPool.threadCount", "2");
            properties.put("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
            properties.put("org.quartz.threadPool.makeThreadsDaemons", "true");
            if (shared == null) {
                properties.put("org.quartz.jobStore.class", RAMJobStore.class.getName());
            } else {
                share(properties, shared);
            }
            scheduler = new StdSchedulerFactory(properties).getScheduler();
            scheduler.setJobFactory((bundle, of) -> new Fire(fired));
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz can not be set up", e);
        }
    }

    private static void share(Properties properties, DataSource shared) {
        DBConnectionManager.getInstance().addConnectionProvider(DATA_SOURCE, new Shared(shared));
        properties.put("org.quartz.scheduler.instanceId", "AUTO");
        properties.put("org.quartz.jobStore.class", JobStoreTX.class.getName());
        properties.put("org.quartz.jobStore.driverDelegateClass", PostgreSQLDelegate.class.getName());
        properties.put("org.quartz.jobStore.dataSource", DATA_SOURCE);
        properties.put("org.quartz.jobStore.useProperties", "true");
        properties.put("org.quartz.jobStore.isClustered", "true");
        properties.put("org.quartz.jobStore.clusterCheckinInterval", "5000");
    }

    /** Calls back; made by Quartz for each firing. */
    private record Fire(Consumer<String> fired) implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            fired.accept(context.getJobDetail().getKey().getName());
        }
    }

    private record Shared(DataSource source) implements ConnectionProvider {
        @Override
        public Connection getConnection() throws SQLException {
            return source.getConnection();
        }

        @Override
        public void initialize() {}

        @Override
        public void shutdown() {
            // it is closed by who opened it
        }
    }

    /** Calls back from now on. */
    void start() {
        quietly(scheduler::start);
    }

    /** Calls back no more; who is called at the moment goes on. */
    void standby() {
        quietly(scheduler::standby);
    }

    /** Forgets every schedule but these. */
    void keepOnly(Set<String> keys) {
        quietly(() -> {
            for (JobKey known : scheduler.getJobKeys(GroupMatcher.anyJobGroup())) {
                if (!keys.contains(known.getName())) {
                    scheduler.deleteJob(known);
                }
            }
        });
    }

    /** Calls back at a firing's beginning; to say it again changes nothing. */
    void at(Schedule schedule, Instant firing) {
        quietly(() -> {
            JobKey key = JobKey.jobKey(schedule.key());
            JobDetail known = scheduler.getJobDetail(key);
            String words = schedule.words() + " + " + schedule.jitter();
            if (known == null || !words.equals(known.getJobDataMap().getString(WORDS))) {
                // of other words: its triggers are not those of this schedule any more
                scheduler.deleteJob(key);
                scheduler.addJob(
                        JobBuilder.newJob(Fire.class)
                                .withIdentity(key)
                                .usingJobData(WORDS, words)
                                .storeDurably()
                                .build(),
                        true);
            }
            TriggerKey trigger = TriggerKey.triggerKey(firing.toString(), schedule.key());
            if (!scheduler.checkExists(trigger)) {
                scheduler.scheduleJob(TriggerBuilder.newTrigger()
                        .withIdentity(trigger)
                        .forJob(key)
                        .startAt(Date.from(schedule.begins(firing)))
                        .withSchedule(SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionFireNow())
                        .build());
            }
        });
    }

    private interface Work {
        void run() throws SchedulerException;
    }

    private static void quietly(Work work) {
        try {
            work.run();
        } catch (ObjectAlreadyExistsException e) {
            // another daemon said the same in this moment
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        // waits for who is called at the moment: that is short
        quietly(() -> scheduler.shutdown(true));
    }
}

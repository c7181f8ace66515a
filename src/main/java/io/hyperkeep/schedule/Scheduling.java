package io.hyperkeep.schedule;

import io.hyperkeep.jobs.Attempts;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.runs.Firing;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Fires the schedules of plans, as long as it is begun and not ended:
 *
 * <ol>
 *   <li>runs whose processes died are recorded as failed, and those of them that schedules started are restarted,
 *   <li>firings that waited in a daemon that died are taken over,
 *   <li>firings that were missed meanwhile are recorded, and caught up with,
 *   <li>from then on each firing is recorded, and run in its turn, when it begins.
 * </ol>
 *
 * <p>The first two are repeated all the while, for other daemons may die. Invariant: each firing is recorded exactly once,
 * before anything is done for it, by whoever fires it. Thread-safe.
 */
public final class Scheduling {
    private static final Logger log = LoggerFactory.getLogger(Scheduling.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    /** Longer than a cancelled run needs to end: it is cut off after ten seconds. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

    private static final int MOST_RESTARTS = 5;

    private final Engine engine;
    private final Clock clock;
    private final Busy busy;
    private final LaunchFiring launch;
    private final FireOnTime quartz;
    private final ScheduledExecutorService timer;
    private final ThreadPoolExecutor turns;
    private final Set<Long> restarted = ConcurrentHashMap.newKeySet();
    private volatile ServedPlans settings = new ServedPlans(List.of(), 1, false);
    private volatile boolean begun;
    private volatile boolean ended;

    /** What it uses of the engine. */
    public record Engine(
            LaunchRun launch,
            RunPlan plans,
            ControlRuns control,
            Attempts attempts,
            RunRecords records,
            RunQueries runs,
            Firings firings,
            Notify people) {}

    /** @param shared the PostgreSQL database in which daemons share what is to be fired, or null for one daemon alone */
    public Scheduling(Engine engine, @Nullable DataSource shared, Clock clock) {
        this.engine = engine;
        this.clock = clock;
        this.busy = new Busy(engine.runs());
        this.timer = Executors.newScheduledThreadPool(2, work -> daemon(work, "schedules"));
        this.launch = new LaunchFiring(
                new LaunchFiring.Engine(
                        engine.launch(),
                        engine.plans(),
                        engine.attempts(),
                        engine.records(),
                        engine.firings(),
                        engine.people()),
                busy,
                timer,
                clock);
        this.turns = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), work -> daemon(work, "run"));
        this.quartz = new FireOnTime(shared, this::fired);
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Begins to fire. */
    public synchronized void begin(ServedPlans first) {
        use(first);
        lookAfterOthers();
        settings.schedules().forEach(this::account);
        begun = true;
        quartz.start();
        timer.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Goes on with other settings; what runs or waits goes on as it began. */
    public synchronized void reload(ServedPlans next) {
        use(next);
        settings.schedules().forEach(this::account);
    }

    private void use(ServedPlans next) {
        new ClockWarnings(clock).of(next.schedules()).forEach(log::warn);
        settings = next;
        // the core first where it shrinks: it is never above the maximum
        if (next.parallelRuns() < turns.getMaximumPoolSize()) {
            turns.setCorePoolSize(next.parallelRuns());
            turns.setMaximumPoolSize(next.parallelRuns());
        } else {
            turns.setMaximumPoolSize(next.parallelRuns());
            turns.setCorePoolSize(next.parallelRuns());
        }
        quartz.keepOnly(next.schedules().stream().map(Schedule::key).collect(Collectors.toUnmodifiableSet()));
    }

    /** Number of schedules that are fired. */
    public int size() {
        return settings.schedules().size();
    }

    private void fired(String key) {
        persistently("fire " + key, () -> settings.schedules().stream()
                .filter(schedule -> schedule.key().equals(key))
                .forEach(this::account));
    }

    private void look() {
        try {
            engine.firings().beat();
            lookAfterOthers();
            // whoever fired last may have died before it said what comes next
            settings.schedules().forEach(this::account);
        } catch (RuntimeException e) {
            // the next look may find the record again
            log.warn("cannot look after schedules: {}", e.getMessage());
            log.debug("why", e);
        }
    }

    /** Records what became due, has it run, and says when the next firing begins. */
    private synchronized void account(Schedule schedule) {
        if (ended) {
            return;
        }
        String job = schedule.job().label();
        Instant accounted = engine.firings().accounted(schedule.plan(), job, schedule.words());
        Due due = Due.of(schedule, accounted, clock.instant());
        due.missed().forEach(firing -> miss(schedule, firing, due));
        due.fire().forEach(firing -> fire(schedule, firing));
        Instant last = Stream.concat(due.missed().stream(), due.fire().stream())
                .max(Instant::compareTo)
                .orElse(accounted);
        if (last.isAfter(accounted)) {
            engine.firings().accountedUntil(schedule.plan(), job, last);
        }
        schedule.next(last).ifPresent(next -> quartz.at(schedule, next));
    }

    private void miss(Schedule schedule, Instant scheduled, Due due) {
        ScheduledPlan plan = plan(schedule.plan());
        String why = "no daemon was there to fire it"
                + (due.dropped() > 0 && scheduled.equals(due.missed().get(0))
                        ? ", nor " + due.dropped() + " firings before it"
                        : "");
        Firing missed = new Firing(
                schedule.plan(), schedule.job().label(), scheduled, database(plan), Firing.MISSED, null, why);
        if (engine.firings().record(missed)) {
            log.warn("{} of {} was missed: {}", schedule.key(), scheduled, why);
            if (schedule.job() == ScheduledJob.BACKUP) {
                engine.people().missed(plan.backup(), "the backup of " + scheduled + " was missed: " + why);
            }
        }
    }

    private void fire(Schedule schedule, Instant scheduled) {
        ScheduledPlan plan = plan(schedule.plan());
        Firing firing = Firing.waiting(schedule.plan(), schedule.job().label(), scheduled, database(plan));
        if (engine.firings().record(firing)) {
            await(plan, schedule, firing);
        }
    }

    private ScheduledPlan plan(String name) {
        return Objects.requireNonNull(settings.byName().get(name));
    }

    private static String database(ScheduledPlan plan) {
        return plan.backup().database().name();
    }

    /** Has a firing of ours wait for its turn, unless something is in its way already. */
    private void await(ScheduledPlan plan, Schedule schedule, Firing firing) {
        Optional<String> blackout = launch.blackout(schedule);
        if (blackout.isPresent()) {
            // before it is entered: what can not begin must not be in anybody's way
            launch.skip(plan, firing, blackout.get());
            return;
        }
        Busy.Entered entered = busy.enter(firing);
        Busy.Entry entry = entered.entry();
        if (entry == null) {
            launch.skip(plan, firing, String.valueOf(entered.met()));
        } else {
            turns.execute(() -> guarded(() -> launch.run(plan, schedule, firing, entry)));
        }
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.error("what became of a firing could not be recorded", e);
        }
    }

    private void lookAfterOthers() {
        engine.control()
                .recoverDead()
                .forEach(run -> log.warn("run {} is recorded as FAILED now: {}", run.run(), run.failure()));
        if (settings.restart()) {
            engine.firings().interrupted().forEach(this::restart);
        }
        engine.firings().takeOrphans().forEach(this::adopt);
    }

    private void restart(Firing firing) {
        ScheduledPlan plan = settings.byName().get(firing.plan());
        Long run = firing.run();
        if (ended || plan == null || run == null || restarted.contains(run)) {
            return;
        }
        if (engine.runs().earlierRuns(run).size() >= MOST_RESTARTS) {
            restarted.add(run);
            log.warn("run {} was interrupted again and again, and is not restarted any more", run);
            return;
        }
        Busy.Entry entry = busy.enter(firing).entry();
        if (entry != null) {
            restarted.add(run);
            log.info("run {} was interrupted and is restarted", run);
            turns.execute(() -> guarded(() -> launch.restart(plan, firing, run, entry)));
        }
    }

    private void adopt(Firing firing) {
        ScheduledPlan plan = settings.byName().get(firing.plan());
        Optional<Schedule> schedule = plan == null
                ? Optional.empty()
                : plan.schedules().stream()
                        .filter(each -> each.job().label().equals(firing.job()))
                        .findFirst();
        if (plan == null || schedule.isEmpty() || schedule.get().catchUp() == CatchUp.NONE) {
            engine.firings().ended(firing, Firing.MISSED, "its daemon ended while it waited for its turn");
        } else {
            await(plan, schedule.get(), firing);
        }
    }

    /** Tries again for a while: a record of runs that restarts, or that passes to another process, is back within seconds. */
    private void persistently(String what, Runnable work) {
        RuntimeException last = null;
        for (int tries = 0; tries < 5 && !ended; tries++) {
            try {
                work.run();
                return;
            } catch (DataAccessException e) {
                last = e;
                pause();
            }
        }
        if (last != null) {
            // the next look makes good for it
            log.error("cannot {}: {}", what, last.getMessage());
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Begins nothing new, and waits until what runs has ended: by itself within the grace, else stopped. What waits for its
     * turn is left to the next daemon.
     */
    public void end(Duration grace) {
        ended = true;
        if (begun) {
            quartz.standby();
        }
        timer.shutdown();
        turns.getQueue().clear();
        turns.shutdown();
        try {
            if (!turns.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                log.info("stopping what runs: {}", turns.getActiveCount());
                engine.plans().stop();
                if (!turns.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    log.error("runs did not stop within {} s; `hyperkeep runs` shows them", STOP_PATIENCE.toSeconds());
                }
            }
            timer.awaitTermination(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        quartz.close();
    }
}

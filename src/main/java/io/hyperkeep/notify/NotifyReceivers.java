package io.hyperkeep.notify;

import io.hyperkeep.jobs.Notify;
import io.hyperkeep.jobs.RunFields;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.notify.Deliver.Delivery;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProcess;
import io.hyperkeep.runs.RunQueries;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the receivers that the configuration names, each what it wants to hear of. Thread-safe. */
public final class NotifyReceivers implements Notify {
    private static final Logger log = LoggerFactory.getLogger(NotifyReceivers.class);
    private static final String BACKUP = "backup";

    private final Function<@Nullable String, List<ReceiverSettings>> receivers;
    private final RunQueries runs;
    private final Clock clock;
    private final HttpCall http = new HttpCall();
    private final Deliver deliver = new Deliver();
    private final Map<Long, List<Delivery>> starts = new ConcurrentHashMap<>();

    /**
     * @param receivers by a plan's name; by null, those of backups without a plan
     * @param runs tell whether the backup before failed
     */
    public NotifyReceivers(Function<@Nullable String, List<ReceiverSettings>> receivers, RunQueries runs, Clock clock) {
        this.receivers = receivers;
        this.runs = runs;
        this.clock = clock;
    }

    @Override
    public void started(BackupPlan plan, long run) {
        safely(() -> {
            Notice notice = notice(
                    Set.of(),
                    name(BACKUP, plan) + " begins",
                    plan,
                    new Notice.Ended(BACKUP, run, null, null, null, null, null, List.of(), null));
            List<Delivery> begun = new ArrayList<>();
            for (ReceiverSettings receiver : receivers.apply(plan.name())) {
                if (receiver instanceof ReceiverSettings.Ping settings) {
                    Ping ping = new Ping(settings, http);
                    begun.add(deliver.begin(receiver, left -> ping.start(notice, left)));
                }
            }
            starts.put(run, begun);
        });
    }

    @Override
    public void ended(BackupPlan plan, RunOutcome outcome, long first) {
        safely(() -> {
            List<Delivery> begun = Optional.ofNullable(starts.remove(first)).orElse(List.of());
            String name = name(outcome.job(), plan);
            tell(
                    plan,
                    begun,
                    switch (outcome.state()) {
                        case "SKIPPED" -> of(Event.SKIPPED, name + " was skipped: " + reason(outcome), plan, outcome);
                        case "STOPPED" -> of(Event.FAILURE, name + " was stopped before its end", plan, outcome);
                        case "FAILED" -> of(Event.FAILURE, name + " failed: " + reason(outcome), plan, outcome);
                        default -> success(plan, outcome, first);
                    });
        });
    }

    private Notice success(BackupPlan plan, RunOutcome outcome, long first) {
        Set<Event> events = EnumSet.of(Event.SUCCESS);
        StringBuilder text = new StringBuilder(name(outcome.job(), plan));
        Optional<Run> failed = before(plan, outcome.job(), first).filter(NotifyReceivers::isFailure);
        if (failed.isPresent()) {
            events.add(Event.RECOVERY);
            text.append(" works again");
        }
        Path folder = outcome.backup();
        text.append(": ")
                .append(
                        outcome.isSealed() && folder != null
                                ? folder.getFileName() + " is sealed"
                                : "it ended as " + outcome.state());
        List<Warning> warnings = outcome.warnings();
        if (!warnings.isEmpty() || !outcome.consistent()) {
            events.add(Event.WARNING);
            text.append(outcome.consistent() ? "" : ", not consistent")
                    .append(warnings.isEmpty() ? "" : ", with " + count(warnings.size(), "warning") + ": ")
                    .append(warnings.isEmpty() ? "" : warnings.get(0).text());
        }
        failed.ifPresent(run -> text.append("; run ")
                .append(run.run())
                .append(" before it ended as ")
                .append(run.state())
                .append(
                        run.failure() == null
                                ? ""
                                : ": " + run.failure().lines().findFirst().orElse("")));
        return notice(events, text.toString(), plan, ended(outcome));
    }

    /** The same before this run, by the record of runs, which outlives the process. */
    private Optional<Run> before(BackupPlan plan, String job, long first) {
        if (job.equals(BACKUP)) {
            return runs.backupBefore(first, plan.name(), plan.database().name(), plan.repository());
        }
        return plan.name() == null ? Optional.empty() : runs.endedBefore(first, job, plan.name());
    }

    private static boolean isFailure(Run run) {
        return switch (run.state()) {
            case "FAILED", "STOPPED", "ABANDONED", "DEAD" -> true;
            default -> false;
        };
    }

    @Override
    public void notStarted(BackupPlan plan, String job, BackupException why) {
        safely(() -> tell(
                plan,
                List.of(),
                notice(
                        EnumSet.of(Event.FAILURE),
                        name(job, plan) + " could not begin: " + why.getMessage(),
                        plan,
                        new Notice.Ended(job, null, null, null, null, null, null, List.of(), why))));
    }

    @Override
    public void missed(BackupPlan plan, String text) {
        tellLater(plan, Event.MISSED, text);
    }

    @Override
    public void stale(BackupPlan plan, String text) {
        tellLater(plan, Event.STALE, text);
    }

    /** Whoever fires schedules has others to fire meanwhile. */
    private void tellLater(BackupPlan plan, Event event, String text) {
        Notice notice = notice(EnumSet.of(event), what(plan) + ": " + text, plan, null);
        Thread thread = new Thread(
                RunFields.carried(() -> safely(() -> tell(plan, List.of(), notice))), "notify-" + event.word());
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Sends a test to one receiver.
     *
     * @return null when it took it, else a clause that says why not
     */
    public static @Nullable String test(ReceiverSettings receiver, Clock clock) {
        Notice notice = new Notice(
                EnumSet.of(Event.TEST),
                "a test of the receiver " + receiver.name(),
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                RunProcess.current().host(),
                null,
                null,
                null,
                null);
        Channel channel = channel(receiver, new HttpCall());
        return new Deliver()
                .begin(receiver, left -> channel.send(notice, Event.TEST, left))
                .whyNot();
    }

    /** @param begun what was begun to be delivered before this, which should arrive before it */
    private void tell(BackupPlan plan, List<Delivery> begun, Notice notice) {
        List<Delivery> deliveries = new ArrayList<>();
        for (ReceiverSettings receiver : receivers.apply(plan.name())) {
            Event event = notice.heardBy(receiver);
            // to a ping only backups are of interest: nothing else may look like one
            boolean ping = receiver instanceof ReceiverSettings.Ping;
            if (event != null
                    && !(ping && notice.run() != null && !notice.run().job().equals(BACKUP))) {
                Channel channel = channel(receiver, http);
                List<Delivery> earlier = new ArrayList<>(
                        begun.stream().filter(one -> one.isTo(receiver)).toList());
                deliveries.add(deliver.begin(receiver, left -> {
                    // a beginning that hangs may take its part of the time, and not all of it
                    earlier.forEach(one -> one.await(left.dividedBy(2)));
                    earlier.clear();
                    channel.send(notice, event, left);
                }));
            }
        }
        Deliver.await(deliveries);
    }

    private static Channel channel(ReceiverSettings receiver, HttpCall http) {
        if (receiver instanceof ReceiverSettings.Webhook settings) {
            return new Webhook(settings, http);
        }
        if (receiver instanceof ReceiverSettings.Ping settings) {
            return new Ping(settings, http);
        }
        return new Mail((ReceiverSettings.Email) receiver);
    }

    /** Whatever goes wrong here must not become the end of a backup. */
    private static void safely(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.warn("nobody could be told: unexpected {}", e.getClass().getSimpleName());
            log.debug("could not tell", e);
        }
    }

    private Notice of(Event event, String summary, BackupPlan plan, RunOutcome outcome) {
        return notice(EnumSet.of(event), summary, plan, ended(outcome));
    }

    private Notice notice(Set<Event> events, String summary, BackupPlan plan, Notice.@Nullable Ended run) {
        return new Notice(
                events,
                summary,
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                RunProcess.current().host(),
                plan.name(),
                plan.database().name(),
                plan.repository().toString(),
                run);
    }

    private static Notice.Ended ended(RunOutcome outcome) {
        Totals totals = outcome.totals();
        Path folder = outcome.backup();
        return new Notice.Ended(
                outcome.job(),
                outcome.run(),
                outcome.state(),
                folder == null ? null : folder.toString(),
                totals == null ? null : totals.rows(),
                totals == null ? null : totals.bytes(),
                outcome.seconds(),
                outcome.warnings(),
                outcome.failure());
    }

    private static String name(String job, BackupPlan plan) {
        return "the " + (job.equals("verify") ? "verification" : job) + " of " + what(plan);
    }

    private static String what(BackupPlan plan) {
        return plan.name() == null ? plan.database().name() : "plan " + plan.name();
    }

    private static String reason(RunOutcome outcome) {
        return outcome.failure() == null
                ? "no reason is known"
                : outcome.failure().getMessage();
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}

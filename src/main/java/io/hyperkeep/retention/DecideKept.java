package io.hyperkeep.retention;

import io.hyperkeep.retention.SealedBackup.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which of a plan's backups of a database stay. A pure function; thread-safe.
 *
 * <p>It looks at no clock: "within" is counted from the newest backup, so that nothing goes only because no backup
 * succeeded for a while, or because a clock is wrong. Damaged backups are counted by no rule, so that none of them
 * stands in for one that can be restored; they stay until somebody has looked at them.
 */
public final class DecideKept {
    private final RetentionRules rules;
    private final Map<SealedBackup, List<String>> reasons = new LinkedHashMap<>();

    private DecideKept(RetentionRules rules) {
        this.rules = rules;
    }

    /**
     * Decides.
     *
     * @param backups of one database and one plan, in any order
     * @return a decision for each, the newest first
     */
    public static List<Decision> run(RetentionRules rules, Collection<SealedBackup> backups) {
        return new DecideKept(rules).decide(backups);
    }

    private List<Decision> decide(Collection<SealedBackup> backups) {
        List<SealedBackup> newestFirst =
                backups.stream().sorted(SealedBackup.BY_AGE.reversed()).toList();
        newestFirst.forEach(backup -> reasons.put(backup, new ArrayList<>()));
        List<SealedBackup> whole = newestFirst.stream()
                .filter(backup -> backup.state() != State.DAMAGED)
                .toList();
        keepBest(whole);
        keepMinimum(whole);
        keepLast(whole);
        keepWithin(whole);
        for (Period period : Period.values()) {
            keepPeriods(whole, period, rules.periods().getOrDefault(period, 0));
        }
        for (SealedBackup backup : newestFirst) {
            if (backup.pinned()) {
                keep(backup, "pinned");
            }
            if (backup.state() == State.DAMAGED) {
                keep(backup, "damaged, no rule counts it");
            }
        }
        return newestFirst.stream().map(this::decision).toList();
    }

    /** The one to restore if all goes wrong: rather an older one of one instant than a newer one that is not. */
    private void keepBest(List<SealedBackup> whole) {
        whole.stream()
                .min(Comparator.comparing(SealedBackup::state).thenComparing(SealedBackup.BY_AGE.reversed()))
                .ifPresent(best -> keep(
                        best, best.state() == State.GOOD ? "the newest good one" : "the newest, none is consistent"));
    }

    private void keepMinimum(List<SealedBackup> whole) {
        if (rules.minimum() > 1) {
            keepNewest(whole, rules.minimum(), "minimum");
        }
    }

    private void keepLast(List<SealedBackup> whole) {
        keepNewest(whole, rules.last(), "last");
    }

    private void keepNewest(List<SealedBackup> whole, int count, String word) {
        for (int i = 0; i < Math.min(count, whole.size()); i++) {
            keep(whole.get(i), word + " " + (i + 1) + " of " + count);
        }
    }

    private void keepWithin(List<SealedBackup> whole) {
        Duration within = rules.within();
        if (within == null || whole.isEmpty()) {
            return;
        }
        Instant oldest = whole.get(0).started().minus(within);
        whole.stream()
                .filter(backup -> !backup.started().isBefore(oldest))
                .forEach(backup -> keep(backup, "within " + words(within)));
    }

    private void keepPeriods(List<SealedBackup> whole, Period period, int count) {
        Map<String, SealedBackup> newest = new LinkedHashMap<>();
        for (SealedBackup backup : whole) {
            newest.putIfAbsent(period.of(backup.started().atZone(rules.zone())), backup);
        }
        newest.entrySet().stream()
                .limit(count)
                .forEach(entry -> keep(entry.getValue(), period.word() + " " + entry.getKey()));
    }

    private void keep(SealedBackup backup, String reason) {
        reasons.get(backup).add(reason);
    }

    private Decision decision(SealedBackup backup) {
        List<String> why = reasons.get(backup);
        return why.isEmpty()
                ? new Decision(backup, false, List.of("no rule keeps it"))
                : new Decision(backup, true, why);
    }

    private static String words(Duration duration) {
        if (duration.toHours() % 24 == 0 && duration.toSecondsPart() == 0 && duration.toMinutesPart() == 0) {
            return duration.toDays() + "d";
        }
        return duration.toSecondsPart() == 0 && duration.toMinutesPart() == 0
                ? duration.toHours() + "h"
                : duration.toMinutes() + "m";
    }
}

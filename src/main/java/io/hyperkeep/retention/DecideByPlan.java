package io.hyperkeep.retention;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides about the backups of a database that several plans have made: a plan's rules count the backups of that plan
 * alone. Otherwise an hourly backup of one table would stand in for the nightly one of all, and of two plans each would
 * delete what the other one keeps. A pure function; thread-safe.
 */
public final class DecideByPlan {
    private DecideByPlan() {}

    /**
     * Decides.
     *
     * @param rules of one plan: then the others' backups stay; or of none: then they hold for each plan's backups, and
     *     for those without a plan, by themselves
     * @param backups of one database, in any order
     * @return a decision for each, the newest first
     */
    public static List<Decision> run(PruneRules rules, Collection<SealedBackup> backups) {
        Map<Optional<String>, List<SealedBackup>> byPlan = new LinkedHashMap<>();
        backups.forEach(backup -> byPlan.computeIfAbsent(Optional.ofNullable(backup.plan()), plan -> new ArrayList<>())
                .add(backup));
        List<Decision> decisions = new ArrayList<>();
        byPlan.forEach((plan, made) -> decisions.addAll(
                rules.plan() == null || plan.equals(Optional.of(rules.plan()))
                        ? DecideKept.run(rules.backups(), made)
                        : others(plan, made)));
        decisions.sort(Comparator.comparing(Decision::backup, SealedBackup.BY_AGE.reversed()));
        return List.copyOf(decisions);
    }

    private static List<Decision> others(Optional<String> plan, List<SealedBackup> made) {
        String reason = plan.map(name -> "of plan " + name).orElse("of no plan");
        return made.stream()
                .map(backup -> new Decision(backup, true, List.of(reason)))
                .toList();
    }
}

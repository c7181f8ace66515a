package io.hyperkeep.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.retention.SealedBackup.State;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DecideByPlanTest {
    private static final List<SealedBackup> BACKUPS = List.of(
            backup("1", "nightly", State.GOOD),
            backup("2", "nightly", State.GOOD),
            backup("3", "hourly", State.GOOD),
            backup("4", null, State.GOOD),
            backup("5", "hourly", State.INCONSISTENT),
            backup("6", null, State.GOOD),
            backup("7", "hourly", State.INCONSISTENT));

    @Test
    void a_plans_rules_count_its_own_backups_and_leave_the_others() {
        assertThat(said(DecideByPlan.run(keepLast("nightly"), BACKUPS)))
                .containsExactly(
                        "7 of plan hourly",
                        "6 of no plan",
                        "5 of plan hourly",
                        "4 of no plan",
                        "3 of plan hourly",
                        "2 the newest good one, last 1 of 1",
                        "-1 no rule keeps it");
    }

    @Test
    void rules_of_no_plan_hold_for_each_by_itself_and_no_plan_loses_its_last_good_one() {
        assertThat(said(DecideByPlan.run(keepLast(null), BACKUPS)))
                .containsExactly(
                        "7 last 1 of 1",
                        "6 the newest good one, last 1 of 1",
                        "-5 no rule keeps it",
                        "-4 no rule keeps it",
                        "3 the newest good one",
                        "2 the newest good one, last 1 of 1",
                        "-1 no rule keeps it");
    }

    private static PruneRules keepLast(@Nullable String plan) {
        return new PruneRules(plan, new RetentionRules(1, null, Map.of(), 1, ZoneOffset.UTC), Duration.ofDays(1));
    }

    private static SealedBackup backup(String id, @Nullable String plan, State state) {
        return new SealedBackup(id, plan, Instant.ofEpochSecond(Long.parseLong(id)), state, false);
    }

    private static List<String> said(List<Decision> decisions) {
        return decisions.stream()
                .map(decision ->
                        (decision.kept() ? "" : "-") + decision.backup().id() + " " + decision.why())
                .toList();
    }
}

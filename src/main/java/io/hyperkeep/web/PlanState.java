package io.hyperkeep.web;

import io.hyperkeep.runs.Run;
import io.hyperkeep.web.BoundedReading.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a plan is doing, as far as it is known now.
 *
 * @param plan the plan
 * @param backups what its repository has
 * @param lastRuns of each job the last run that succeeded or failed by itself, by the job's name; empty when the record of
 *     runs can not be read
 */
record PlanState(WatchedPlan plan, Result<FindGoodBackup.Found> backups, Map<String, Run> lastRuns) {
    PlanState {
        lastRuns = new TreeMap<>(lastRuns);
    }

    /** The newest good backup, or null when there is none or it is not known. */
    @Nullable
    GoodBackup newest() {
        FindGoodBackup.Found found = backups.value();
        return found == null ? null : found.newest();
    }

    /** Why somebody should look after this plan; empty when all is well. */
    List<String> problems(Instant now) {
        List<String> problems = new ArrayList<>();
        FindGoodBackup.Found found = backups.value();
        if (found == null) {
            problems.add("whether there is a good backup is not known: " + backups.trouble());
        } else {
            stale(now).ifPresent(problems::add);
            problems.addAll(found.damaged());
        }
        failed("drill", "failed").ifPresent(problems::add);
        failed("verify", "found something").ifPresent(problems::add);
        return List.copyOf(problems);
    }

    /** A sentence that says that the newest good backup is too old, if it is; nothing when that is not known. */
    Optional<String> stale(Instant now) {
        Duration limit = plan.freshness();
        if (limit == null || backups.value() == null) {
            return Optional.empty();
        }
        GoodBackup newest = newest();
        if (newest == null) {
            return Optional.of("there is no good backup of this plan in " + plan.repository());
        }
        Duration age = newest.age(now);
        return age.compareTo(limit) <= 0
                ? Optional.empty()
                : Optional.of("the newest good backup, " + newest.id() + ", is " + Words.of(age) + " old, and may be "
                        + Words.of(limit) + " old");
    }

    private Optional<String> failed(String job, String how) {
        Run last = lastRuns.get(job);
        return last == null || Outcome.of(last.state()) != Outcome.FAILED
                ? Optional.empty()
                : Optional.of("the last " + job + ", run " + last.run() + ", " + how + ": " + Words.why(last));
    }
}

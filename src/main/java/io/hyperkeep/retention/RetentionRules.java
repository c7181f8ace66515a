package io.hyperkeep.retention;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which backups of a database are kept: those that any of the rules wants. The semantics are those of restic's
 * {@code forget}: periods without a backup do not count, of each period the newest backup stays.
 *
 * @param last the newest so many; 0 for no such rule
 * @param within those that are at most so much older than the newest one; null for no such rule
 * @param periods of each period the newest backup, for so many periods, the newest ones; 0 or absent for no such rule
 * @param minimum the newest so many, whatever the rules say, at least 1; no rule by itself
 * @param zone where days begin
 */
public record RetentionRules(
        int last, @Nullable Duration within, Map<Period, Integer> periods, int minimum, ZoneId zone) {
    public RetentionRules {
        periods = Map.copyOf(periods);
        if (minimum < 1) {
            throw new IllegalArgumentException("at least one backup has to stay");
        }
    }

    /** Whether no rule is given: then everything but the minimum would go, which nobody means who says nothing. */
    public boolean isEmpty() {
        return last == 0 && within == null && periods.values().stream().allMatch(count -> count == 0);
    }
}

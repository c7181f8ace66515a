package io.hyperkeep.retention;

import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What the rules look at.
 *
 * @param id tells it from the others; the later one is the newer, also when the clock was set back between them
 * @param plan the plan that it is a backup of, or null
 * @param started when its run began, by the clock of then
 * @param state what it is worth
 * @param pinned whether somebody said that it stays
 */
public record SealedBackup(String id, @Nullable String plan, Instant started, State state, boolean pinned) {
    /** From the oldest to the newest. */
    static final Comparator<SealedBackup> BY_AGE = Comparator.comparing(SealedBackup::id);

    /** What a backup is worth, as far as its manifest and its folder say. */
    public enum State {
        /** Every file is there, as long as it must be, and all is of one instant. */
        GOOD,
        /** Every file is there, but not all is of one instant. */
        INCONSISTENT,
        /** Files are missing or cut. */
        DAMAGED
    }
}

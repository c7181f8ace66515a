package io.hyperkeep.runs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one firing of a schedule.
 *
 * @param plan the plan's name
 * @param job {@code backup}, {@code verify}, {@code drill} or {@code prune}
 * @param scheduled when it was due; with plan and job, it is the firing's name
 * @param database what it works on
 * @param state {@code WAITING} for its turn, {@code RUN} when it started a run, whose state says the rest, {@code SKIPPED},
 *     {@code MISSED} or {@code FAILED} when no run could be started
 * @param run the run that it started, the newest one if that was restarted, or null
 * @param reason why it started none, or null
 */
public record Firing(
        String plan,
        String job,
        Instant scheduled,
        String database,
        String state,
        @Nullable Long run,
        @Nullable String reason) {
    public static final String WAITING = "WAITING";
    public static final String RUN = "RUN";
    public static final String SKIPPED = "SKIPPED";
    public static final String MISSED = "MISSED";
    public static final String FAILED = "FAILED";

    /** One that is about to be recorded. */
    public static Firing waiting(String plan, String job, Instant scheduled, String database) {
        return new Firing(plan, job, scheduled, database, WAITING, null, null);
    }
}

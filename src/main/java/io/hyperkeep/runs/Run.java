package io.hyperkeep.runs;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of the list of runs.
 *
 * @param run its number
 * @param job {@code backup}, {@code restore}, {@code drill}, {@code prune} or {@code verify}
 * @param database what it worked on, {@code *} for every database of a repository
 * @param plan the plan's name, or null
 * @param state {@code RUNNING}, {@code SEALED}, {@code RESTORED}, {@code PASSED}, {@code PRUNED}, {@code VERIFIED}, {@code FAILED}, {@code STOPPED}, {@code SKIPPED}, {@code ABANDONED}, or
 *     {@code DEAD} for one that is recorded as running and does not, as far as {@link RunLife} can tell
 * @param started when it began
 * @param ended when it ended, or null
 * @param phase the phase that it is in or ended in
 * @param units number of units, 0 until planned; of a prune the databases, of a verification the backups
 * @param unitsDone of these, done
 * @param rows rows in the finished units
 * @param bytes bytes of their files
 * @param backup the backup's folder, or null
 * @param warnings number of warnings
 * @param failure why it failed, or null
 * @param hint what to do about it, or null
 * @param restarts the run that this one restarts, or null
 * @param restartedAs the run that restarts this one, or null
 * @param life its last sign of life
 */
public record Run(
        long run,
        String job,
        String database,
        @Nullable String plan,
        String state,
        Instant started,
        @Nullable Instant ended,
        @Nullable String phase,
        int units,
        int unitsDone,
        long rows,
        long bytes,
        @Nullable String backup,
        int warnings,
        @Nullable String failure,
        @Nullable String hint,
        @Nullable Long restarts,
        @Nullable Long restartedAs,
        Life life) {
    /**
     * The last sign of life.
     *
     * @param process where the run lives or lived
     * @param silence time since then, by the metadata database's clock
     * @param beats how many there were so far
     */
    public record Life(RunProcess process, Duration silence, long beats) {
        /** Whether a run that says RUNNING still lives, by all that is known now. */
        public RunLife verdict() {
            return RunLife.of(process, silence);
        }
    }

    /** How long it took, or takes until now; never less than nothing, as clocks are set. */
    public Duration took(Instant now) {
        Duration took = Duration.between(started, ended == null ? now : ended);
        return took.isNegative() ? Duration.ZERO : took;
    }

    /**
     * Whether it can be restarted: it did not reach its end or lacks a part of it, was not given up, and was not
     * restarted before.
     */
    public boolean isRestartable() {
        return restartedAs == null && (isUnfinished() || isIncomplete());
    }

    /** Whether it left something to go on with; one that was skipped does if it was to go on with another's. */
    public boolean isUnfinished() {
        return switch (state) {
            case "FAILED", "STOPPED" -> true;
            case "SKIPPED" -> restarts != null;
            default -> false;
        };
    }

    /** Whether it is a backup of a cluster that was sealed without some of its databases. */
    public boolean isIncomplete() {
        return state.equals("SEALED") && unitsDone < units;
    }
}

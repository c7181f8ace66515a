package io.hyperkeep.runs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of the list of runs.
 *
 * @param run its number
 * @param job {@code backup} or {@code restore}
 * @param database what it worked on
 * @param plan the plan's name, or null
 * @param state {@code RUNNING}, {@code SEALED}, {@code RESTORED}, {@code FAILED}, {@code STOPPED}, or {@code DEAD} for
 *     one that says RUNNING but gave no sign of life for a minute
 * @param started when it began
 * @param ended when it ended, or null
 * @param phase the phase that it is in or ended in
 * @param units number of units, 0 until planned
 * @param unitsDone of these, done
 * @param rows rows in the finished units
 * @param bytes bytes of their files
 * @param backup the backup's folder, or null
 * @param warnings number of warnings
 * @param failure why it failed, or null
 * @param hint what to do about it, or null
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
        @Nullable String hint) {}

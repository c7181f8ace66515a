package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Warning;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a drill, in the order of the file's fields.
 *
 * @param formatVersion of this file
 * @param result {@code passed}, {@code failed} or {@code stopped}
 * @param backup the backup's id
 * @param path the backup's folder
 * @param source name of the database that was backed up
 * @param plan the plan, or null
 * @param run the run's number in the record of whoever ran it
 * @param user of the operating system
 * @param host the machine that it ran on
 * @param tool name and version of the program
 * @param server where it was restored: host and port
 * @param scratch name of the database that it was restored into
 * @param started when it began
 * @param ended when it ended
 * @param seconds how long that was
 * @param phases what took how long, in their order
 * @param tables tables that were restored and compared; null unless it passed
 * @param rows rows that were restored and compared; null unless it passed
 * @param warnings what came out differently and loses nothing
 * @param failure why it did not pass, or null
 */
public record DrillEvidence(
        int formatVersion,
        String result,
        String backup,
        String path,
        String source,
        @Nullable String plan,
        long run,
        String user,
        String host,
        String tool,
        String server,
        String scratch,
        String started,
        String ended,
        double seconds,
        List<Phase> phases,
        @Nullable Integer tables,
        @Nullable Long rows,
        List<Warning> warnings,
        @Nullable Failure failure) {
    /** The format that this version writes. */
    public static final int FORMAT_VERSION = 1;

    /** One phase; null seconds when it did not end. */
    public record Phase(String phase, @Nullable Double seconds) {}

    /** Why it failed. */
    public record Failure(
            String code, String message, @Nullable String hint) {}

    static double seconds(Instant from, Instant to) {
        return (to.toEpochMilli() - from.toEpochMilli()) / 1000.0;
    }
}

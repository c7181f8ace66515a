package io.hyperkeep.web;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Totals;
import java.time.Duration;
import java.time.Instant;

/**
 * A backup that is sealed and whole: every file is there, as long as its manifest says.
 *
 * @param id the backup's id
 * @param run the run that made it
 * @param started when its run began: what the database was after that is not in it
 * @param took from then until it was sealed
 * @param consistent whether all of it is of one instant
 * @param warnings how many things are not as asked for
 * @param totals sums
 */
record GoodBackup(
        String id, long run, Instant started, Duration took, boolean consistent, int warnings, Totals totals) {
    static GoodBackup of(Manifest manifest) {
        Duration took = Duration.between(manifest.started(), manifest.sealed());
        return new GoodBackup(
                manifest.id(),
                manifest.run(),
                manifest.started(),
                took.isNegative() ? Duration.ZERO : took,
                manifest.consistent(),
                manifest.warnings().size(),
                manifest.totals());
    }

    /** How old it is; nothing for one of the future, as clocks are set. */
    Duration age(Instant now) {
        Duration age = Duration.between(started, now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** Bytes of CSV a second, or 0 when it took no time that can be measured. */
    double bytesPerSecond() {
        return took.isZero() ? 0 : totals.csvBytes() / (took.toMillis() / 1000.0);
    }
}

package io.hyperkeep.manifest;

import java.time.Instant;

/**
 * The one instant that the backup shows.
 *
 * @param id what {@code pg_export_snapshot()} returned
 * @param xmin 64-bit: every transaction before it had ended
 * @param xmax 64-bit: no transaction from it on had begun
 * @param lsn the server's WAL position just after the snapshot was taken
 * @param taken when, by the server's clock
 */
public record SnapshotInfo(String id, long xmin, long xmax, String lsn, Instant taken) {}

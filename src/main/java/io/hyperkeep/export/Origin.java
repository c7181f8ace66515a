package io.hyperkeep.export;

import io.hyperkeep.manifest.SnapshotInfo;
import io.hyperkeep.manifest.Source;
import java.util.Optional;

/**
 * Which history a snapshot belongs to, and where in it: ids of transactions mean the same only within one history.
 *
 * @param systemIdentifier of the cluster
 * @param timeline of the cluster
 * @param databaseOid of the database
 * @param xmin 64-bit: every transaction before it had ended
 * @param xmax 64-bit: no transaction from it on had begun
 * @param lsn WAL position just after the snapshot was taken
 */
public record Origin(String systemIdentifier, int timeline, long databaseOid, long xmin, long xmax, String lsn) {
    /** Of the snapshot that a backup was made in. */
    public static Origin of(Source source, SnapshotInfo snapshot) {
        return new Origin(
                source.systemIdentifier(),
                source.timeline(),
                source.databaseOid(),
                snapshot.xmin(),
                snapshot.xmax(),
                snapshot.lsn());
    }

    /**
     * Why this snapshot can not be compared with an earlier one, or empty.
     *
     * <p>On a primary of the same timeline, what comes later is later, unless its files were set back by a copy of the
     * disk; that is noticed here only until its WAL has grown again. A standby may lag behind what the earlier snapshot
     * showed, so there the ids alone have to prove the order: everything that the earlier one could see has ended.
     *
     * @param standby whether this snapshot is of a server in recovery
     * @param consistent whether all that is called earlier was read under the earlier snapshot
     */
    Optional<ExportReason> refusal(Origin earlier, boolean standby, boolean consistent) {
        if (!systemIdentifier.equals(earlier.systemIdentifier)) {
            return Optional.of(ExportReason.OTHER_SYSTEM);
        }
        if (timeline != earlier.timeline) {
            return Optional.of(ExportReason.OTHER_TIMELINE);
        }
        if (databaseOid != earlier.databaseOid) {
            return Optional.of(ExportReason.OTHER_DATABASE);
        }
        boolean later = standby
                ? consistent && xmin >= earlier.xmax
                : xmin >= earlier.xmin
                        && xmax >= earlier.xmax
                        && Long.compareUnsigned(position(lsn), position(earlier.lsn)) >= 0;
        return later ? Optional.empty() : Optional.of(ExportReason.NOT_LATER);
    }

    /** A {@code pg_lsn} as the number that it is. */
    private static long position(String lsn) {
        int slash = lsn.indexOf('/');
        return Long.parseLong(lsn.substring(0, slash), 16) << 32 | Long.parseLong(lsn.substring(slash + 1), 16);
    }
}

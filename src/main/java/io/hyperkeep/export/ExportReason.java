package io.hyperkeep.export;

import java.util.Locale;

/** Why a unit was exported instead of reused; the words are specified in {@code src/docs/backup-format.md}. */
public enum ExportReason {
    /** Nothing was to be reused. */
    FULL,
    /** No earlier backup or attempt has these relations. */
    NEW,
    /** An earlier one has them, but in other groups or slices. */
    REGROUPED,
    /** The earlier one is of another cluster. */
    OTHER_SYSTEM,
    /** The cluster was recovered or promoted since: transaction ids may have been given out again. */
    OTHER_TIMELINE,
    /** The earlier one is of another database of the cluster. */
    OTHER_DATABASE,
    /** This snapshot is not provably later than the earlier one, as on a standby that lags behind. */
    NOT_LATER,
    /** Columns, types, versions or the way of exporting changed. */
    SCHEMA,
    /** The earlier file is compressed by another codec. */
    CODEC,
    /** A chunk was compressed or decompressed, or a table that is read in slices has another file. */
    REWRITTEN,
    /** Rows were inserted or updated, perhaps and deleted too. */
    ROWS_ADDED,
    /** Rows were deleted, and none inserted or updated. */
    ROWS_REMOVED,
    /** Too many transactions passed to compare their ids. */
    TOO_OLD,
    /** A crash of the server could have undone what the earlier snapshot showed. */
    NOT_DURABLE,
    /** The earlier file is not there. */
    FILE_MISSING,
    /** The earlier file has another length, or, if it was read, another checksum. */
    FILE_DAMAGED,
    /** What the file would hold depends on more than rows and schema, or the role may not look. */
    NOT_COMPARABLE,
    /** The relation was changed physically between the snapshot and the look at it. */
    CHANGED_MEANWHILE;

    /** Its word in results and manifests, e.g. {@code rows-added}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

package io.hyperkeep.plan;

/** How a backup keeps the tables still while it reads them. */
public enum LockMode {
    /** Every selected table is locked before the snapshot, until the end: consistent whatever others do. */
    STRICT,
    /** No lock outlives its unit; what others changed physically meanwhile is told and costs the consistency. */
    LIGHT
}

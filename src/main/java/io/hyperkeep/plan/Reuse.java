package io.hyperkeep.plan;

/** Whether units that did not change since an earlier backup or attempt are reused. */
public enum Reuse {
    /** Everything is exported. */
    NONE,
    /** Reused when unchanged; of files that a backup was sealed with, only name and length are looked at. */
    UNCHANGED,
    /** Reused when unchanged and the file still has its checksum, which means reading it. */
    VERIFIED
}

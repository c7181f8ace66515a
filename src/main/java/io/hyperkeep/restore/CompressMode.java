package io.hyperkeep.restore;

/** What becomes of chunks that were compressed in the source. */
public enum CompressMode {
    /** They are compressed again, with what they were compressed with. */
    AS_SOURCE,
    /** They stay uncompressed; their hypertables' settings are restored all the same. */
    NONE
}

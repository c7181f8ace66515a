package io.hyperkeep.verify;

/** What is expected of whether jobs are on. */
public enum JobState {
    /** Every one is off. */
    OFF,
    /** As they were in the source. */
    AS_IN_SOURCE,
    /** Not compared. */
    ANY
}

package io.hyperkeep.restore;

/** Which restored policies and jobs are switched on when everything was compared. */
public enum JobsAtEnd {
    /** Those that were on in the source, but no retention policy that would at once drop what was restored. */
    AS_IN_SOURCE,
    /** Those that were on in the source, all of them. */
    ON,
    /** None. */
    OFF
}

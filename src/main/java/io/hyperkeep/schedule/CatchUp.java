package io.hyperkeep.schedule;

/** What becomes of firings that were missed because no daemon ran. */
public enum CatchUp {
    /** The newest of them is run when the daemon is there again, once. */
    ONCE,
    /** None is; the next firing is the next one of the schedule. */
    NONE
}

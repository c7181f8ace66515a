package io.hyperkeep.runs;

import java.time.Duration;

/**
 * Whether a run that says RUNNING still lives.
 *
 * <p>The best evidence decides: a process that can be looked at is there or gone, whatever any clock says; the heartbeat
 * is for processes that can not be looked at, because they are on another machine or in another container. Both times of
 * a heartbeat's age are of the metadata database's clock, so that clocks of machines that differ do not matter.
 *
 * <p>That one clock may still be set. Set forward, it makes live runs look silent until their next beat: so a silent run
 * counts as dead only after somebody watched it for {@link #WATCH} of his own time and it did not beat once. Set back, it
 * makes dead runs look alive for as long: so whoever recovers runs moves heartbeats that are in the future to the present,
 * and the lease begins anew ({@link RunRecords#beatsOfTheFuture}).
 */
public enum RunLife {
    /** Its process is there, or it gave a sign of life within the lease. */
    ALIVE,
    /** It gave none for longer than the lease, and its process can not be looked at. */
    SILENT,
    /** Its process is gone. */
    DEAD;

    /** How often a live run gives a sign of life. */
    public static final Duration BEAT = Duration.ofSeconds(1);

    /** How long a run may be silent: a machine that swaps, a garbage collection, a metadata database that restarts. */
    public static final Duration LEASE = Duration.ofSeconds(60);

    /** How long a silent run is watched, by a clock that nobody can set, before it counts as dead. */
    public static final Duration WATCH = BEAT.multipliedBy(5);

    /**
     * Decides.
     *
     * @param process where the run lives
     * @param silence time since its last beat, by the metadata database's clock
     */
    static RunLife of(RunProcess process, Duration silence) {
        return switch (process.presence()) {
            case GONE -> DEAD;
            // a process that lasts, such as this one, may have lost a run without recording its end
            case THERE -> process.isCurrent() && silence.compareTo(LEASE) > 0 ? SILENT : ALIVE;
            case UNKNOWN -> silence.compareTo(LEASE) > 0 ? SILENT : ALIVE;
        };
    }
}

package io.hyperkeep.config;

import java.time.Duration;

/**
 * How the daemon behaves.
 *
 * @param parallelRuns how many runs it has at the same time, at most; further ones wait
 * @param restartOnStart whether it restarts the runs of daemons that died, its own before it included
 * @param stopGrace how long running runs have to end by themselves when it is asked to stop
 */
public record ServeSettings(int parallelRuns, boolean restartOnStart, Duration stopGrace) {}

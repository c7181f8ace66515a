/**
 * The record of runs: what ran, how far it is, how it ended. A read model over Spring Batch's tables and our own.
 *
 * <ul>
 *   <li>{@link io.hyperkeep.runs.RunLife} tells a live run from a dead one, by its process or by its heartbeat.
 *   <li>{@link io.hyperkeep.runs.RunClaim} is the right to restart, recover or abandon a run; one process has it.
 *   <li>{@link io.hyperkeep.runs.Firings} has each firing of a schedule once, and what became of it.
 * </ul>
 *
 * <p>Invariant: a run is restarted at most once; its restart can be restarted, and so on.
 *
 * <p>It must not start or stop anything.
 */
@NullMarked
package io.hyperkeep.runs;

import org.jspecify.annotations.NullMarked;

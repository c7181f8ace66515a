/**
 * The engine: Spring Batch, and only here. Job definitions read as stories, one line a step; a step is a thin tasklet
 * in {@code jobs.steps} that calls one class of the flow.
 *
 * <p>{@link io.hyperkeep.jobs.RunPlan} is a backup of a plan as a whole, with what comes before and after the run: the
 * doors start backups there. {@link io.hyperkeep.jobs.LaunchRun} launches and restarts runs, {@link io.hyperkeep.jobs.ControlRuns} stops, recovers
 * and abandons those of whatever process. Each attempt at a run is a run of its own, with a number; those that try the
 * same are executions of one job instance.
 *
 * <p>It must not know the command line or the web. What it needs of them are interfaces that they implement: {@link
 * io.hyperkeep.jobs.Hooks}, {@link io.hyperkeep.jobs.Notify}, {@link io.hyperkeep.jobs.Retain}.
 */
@NullMarked
package io.hyperkeep.jobs;

import org.jspecify.annotations.NullMarked;

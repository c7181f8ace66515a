/**
 * The engine: Spring Batch, and only here. Job definitions read as stories, one line a step; a step is a thin tasklet
 * in {@code jobs.steps} that calls one class of the flow.
 *
 * <p>It must not know the command line or the web.
 */
@NullMarked
package io.hyperkeep.jobs;

import org.jspecify.annotations.NullMarked;

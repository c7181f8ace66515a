/** The phases of the jobs, each a thin step that calls one class of the flow with what earlier phases found. */
@NullMarked
package io.hyperkeep.jobs.steps;

import org.jspecify.annotations.NullMarked;

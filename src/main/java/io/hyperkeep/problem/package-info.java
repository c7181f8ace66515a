/**
 * How failures are told: {@link io.hyperkeep.problem.BackupException} carries what failed and what to do next,
 * {@link io.hyperkeep.problem.Problem} fixes the exit code. Every package may use this one; it uses none of ours.
 */
@NullMarked
package io.hyperkeep.problem;

import org.jspecify.annotations.NullMarked;

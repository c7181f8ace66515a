/**
 * Which backups go, and which data files no backup needs any more.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.retention.DecideKept} decides from times alone: a pure function of the backups and the
 *       {@link io.hyperkeep.retention.RetentionRules};
 *   <li>{@link io.hyperkeep.retention.DecideByPlan} has it do so for each plan's backups by themselves;
 *   <li>{@link io.hyperkeep.retention.PlanPrune} marks: it reads every manifest, and finds what no remaining one needs;
 *   <li>{@link io.hyperkeep.retention.Prune} sweeps: alone with the folder, manifests first.
 * </ol>
 *
 * <p>Invariants: the newest whole backup of each plan always stays; whatever is not understood is left alone.
 *
 * <p>It must not know databases, runs, nor Spring.
 */
@NullMarked
package io.hyperkeep.retention;

import org.jspecify.annotations.NullMarked;

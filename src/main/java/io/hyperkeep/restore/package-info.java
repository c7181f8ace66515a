/**
 * From a backup's folder to tables in a database.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.restore.PlanRestore} decides from the manifest what is restored, without touching anything;
 *       where the target is to differ ({@link io.hyperkeep.restore.Alterations}), PlanNames, PlanDimensions and PlanCut say
 *       how, and {@link io.hyperkeep.restore.RestorePlan#targets()} is what it has to be like in the end.
 *   <li>{@link io.hyperkeep.restore.CheckBackup} reads every file that is needed: a damaged one is named now. {@link
 *       io.hyperkeep.restore.CheckNames} looks for statements that can not be renamed, {@link
 *       io.hyperkeep.restore.CountCutRows} counts the rows of files of which only some are restored.
 *   <li>{@link io.hyperkeep.restore.PrepareTarget} makes sure that the target can take it, tells what it can not carry
 *       ({@link io.hyperkeep.restore.TargetLosses}) or refuses it for that, creates the database and
 *       TimescaleDB where they are missing, and marks the target as unfinished in the {@link
 *       io.hyperkeep.restore.Ledger}.
 *   <li>{@link io.hyperkeep.restore.RestoreEntries#preData} creates types, functions, tables; no index, no trigger yet.
 *   <li>{@link io.hyperkeep.restore.CreateHypertables} makes the empty tables hypertables, {@link
 *       io.hyperkeep.restore.CreateAggregates} creates continuous aggregates over them, with their watermarks and what is
 *       pending, {@link io.hyperkeep.restore.RestoreEntries#late} what needs these, and {@link
 *       io.hyperkeep.restore.CreateChunks} all their chunks: the import would do that too, but one at a time.
 *   <li>{@link io.hyperkeep.restore.ImportSessions} copies the units in, several at once; {@link
 *       io.hyperkeep.restore.DropEmptyChunks} takes away what was created ahead on a guess and got no row.
 *   <li>{@link io.hyperkeep.restore.RestoreEntries} goes on: indexes and unique constraints in parallel, by sessions that
 *       read big tables back when they have none left to build; then foreign keys, then triggers and all else, which
 *       must not see the import.
 *   <li>{@link io.hyperkeep.restore.FinishRestore} sets sequences and refreshes materialized views.
 *   <li>{@link io.hyperkeep.restore.CompressChunks} compresses the chunks that were compressed; foreign keys to them follow.
 *   <li>{@link io.hyperkeep.restore.CreateJobs} creates policies and user-defined jobs, off.
 *   <li>{@link io.hyperkeep.restore.FinishRestore} gathers statistics.
 *   <li>{@link io.hyperkeep.restore.CompareTarget} reads everything else back and compares all with the manifest.
 *   <li>{@link io.hyperkeep.restore.FinishRestore#end} switches jobs on and removes the ledger, and only then is the target
 *       restored.
 * </ol>
 *
 * <p>{@link io.hyperkeep.restore.CompareDatabase} compares without restoring. A drill is a restore into a {@link
 * io.hyperkeep.restore.ScratchDatabase}, which it creates before and drops after all of this.
 *
 * <p>Invariants: every step may be repeated, after a crash at any instant too; what is done once only is entered in the
 * ledger by the transaction that does it; as long as the ledger exists the target is unfinished, and no other restore
 * touches it; no session of an earlier attempt is at work when a step begins; nothing that existed before is changed or
 * dropped; a unit is committed only with exactly as many rows as the manifest says.
 *
 * <p>It must not know Spring, nor how runs are recorded.
 */
@NullMarked
package io.hyperkeep.restore;

import org.jspecify.annotations.NullMarked;

/**
 * Copy out: from tables in a database to data files in a store.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.export.OpenSnapshot} locks the tables in every session, and only then takes and shares the
 *       one snapshot, because TRUNCATE, compression and rewrites are not MVCC-safe.
 *   <li>{@link io.hyperkeep.export.ReuseUnits} finds a unit unchanged since an earlier attempt or backup, and then its
 *       file is reused; else
 *   <li>{@link io.hyperkeep.export.ExportUnit} reads one unit in one of these sessions: rows are counted and digested
 *       on their way to the codec and the store.
 *   <li>{@link io.hyperkeep.export.CountProof} compares what was read with what the catalog and raw reads promise.
 *   <li>{@link io.hyperkeep.export.SealBackup} writes the manifest, last.
 * </ol>
 *
 * <p>Invariants: a unit's result exists only when its file is durable and its count is proved, by reading or by counting;
 * every doubt about reuse is a change; one row at a time is in
 * memory; every session is closed by {@link io.hyperkeep.export.SnapshotSessions}.
 */
@NullMarked
package io.hyperkeep.export;

import org.jspecify.annotations.NullMarked;

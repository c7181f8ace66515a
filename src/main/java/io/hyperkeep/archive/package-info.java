/**
 * Whole databases: pg_dump's archive of one, and back.
 *
 * <ol>
 *   <li>{@link io.hyperkeep.archive.RefuseLosses} finds what pg_dump would lose without a word.
 *   <li>{@link io.hyperkeep.archive.DumpDatabase} runs pg_dump in the shared snapshot, under locks that are older.
 *   <li>Beside it {@link io.hyperkeep.archive.CountRows} counts every table in the same snapshot: pg_dump does not.
 *   <li>{@link io.hyperkeep.archive.WriteArchive} sorts the archive's entries into the order of a restore, which only the
 *       source's catalog tells, and hashes every file.
 *   <li>{@link io.hyperkeep.archive.SealDatabase} writes the manifest, last.
 * </ol>
 *
 * <p>And back: {@link io.hyperkeep.archive.NewTarget} makes the database, {@link io.hyperkeep.archive.RestoringMode} is entered and left,
 * {@link io.hyperkeep.archive.RestoreArchive} runs pg_restore, {@link io.hyperkeep.archive.CompareArchive} compares, rows with
 * those of the archive ({@code ArchiveSums}), {@link io.hyperkeep.archive.MissingStatistics} says what the planner does not know, {@link io.hyperkeep.archive.ApplyProperties} and
 * {@link io.hyperkeep.archive.UpdateTimescale} end it. {@link io.hyperkeep.archive.CheckListing} needs no server. {@link io.hyperkeep.archive.RepairDatabase} is for what others left.
 *
 * <p>Invariants: rows that are dumped or restored never pass through this program; a dump is of the snapshot that the record of it is of; pg_restore
 * is never asked to go on after an error.
 *
 * <p>It must not know Spring, the engine or the doors.
 */
@NullMarked
package io.hyperkeep.archive;

import org.jspecify.annotations.NullMarked;

/**
 * Proof: that a backup's files are what they were, and that a restored database is what was backed up.
 *
 * <p>Without a database, {@link io.hyperkeep.verify.VerifyFiles}:
 *
 * <ol>
 *   <li>each file is there, with its length and its SHA-256;
 *   <li>each data file decompresses, its rows are counted and digested anew.
 * </ol>
 *
 * <p>{@link io.hyperkeep.verify.VerifyBackups} does so for several backups, and keeps prunes away meanwhile.
 *
 * <p>With a database, at the end of a restore or by itself:
 *
 * <ol>
 *   <li>{@link io.hyperkeep.verify.CompareRows} reads every row of every table back, by COPY with the backup's own
 *       columns, and compares count and digest with the manifest's;
 *   <li>{@link io.hyperkeep.verify.CompareStructure} compares what the catalog says with what the manifest says, one
 *       {@code Comparer} for each sort of thing;
 *   <li>{@link io.hyperkeep.verify.SameMeaning} asks the compared server about definitions whose texts differ.
 * </ol>
 *
 * <p>{@link io.hyperkeep.verify.Readers} are the sessions that both read with: any, of a target that nobody else uses; of one
 * snapshot and with the locks of a backup, of a database in use.
 *
 * <p>Invariants: nothing is repaired or skipped; every difference is found and named, not only the first; memory does
 * not grow with the data, nor with the length of a row in a file.
 *
 * <p>It must not know how the target came to be, nor Spring.
 */
@NullMarked
package io.hyperkeep.verify;

import org.jspecify.annotations.NullMarked;

/**
 * The backup's format: the records that {@code manifest.json} holds, and the only code that reads or writes it.
 *
 * <p>The purpose of a manifest is that a restore can rebuild every selected table and prove that nothing is missing
 * or different, years later, from the backup's folder alone. It is written last, so its presence is what makes a
 * backup. The format is specified in {@code src/docs/backup-format.md}; fields may be added, never renamed.
 *
 * <p>Invariants: immutable records; names are real names, not escaped ones; rows are counts that a COPY reported.
 * This package knows nothing of ours, nor of Spring: it could be published on its own.
 */
@NullMarked
package io.hyperkeep.manifest;

import org.jspecify.annotations.NullMarked;

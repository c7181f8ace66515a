package io.hyperkeep.verify;

import io.hyperkeep.manifest.TableName;

/**
 * A part of a table that the restore was told to leave out, or had to.
 *
 * @param table the table
 * @param name the constraint, index or trigger
 */
public record NotRestored(TableName table, String name) {}

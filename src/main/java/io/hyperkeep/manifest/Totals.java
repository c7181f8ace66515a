package io.hyperkeep.manifest;

/**
 * Sums over the tables.
 *
 * @param tables selected tables
 * @param units data files
 * @param reusedUnits of these, taken over from an earlier backup
 * @param rows rows
 * @param csvBytes uncompressed CSV
 * @param bytes stored, as compressed, reused files included
 * @param writtenBytes stored by this run
 */
public record Totals(int tables, int units, int reusedUnits, long rows, long csvBytes, long bytes, long writtenBytes) {}

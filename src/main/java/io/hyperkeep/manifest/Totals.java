package io.hyperkeep.manifest;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
 * @param reexported how many of the units were not reused, by the reason's word
 */
public record Totals(
        int tables,
        int units,
        int reusedUnits,
        long rows,
        long csvBytes,
        long bytes,
        long writtenBytes,
        Map<String, Integer> reexported) {
    /** @param reexported null, as in a manifest that does not say, counts nothing */
    public Totals(
            int tables,
            int units,
            int reusedUnits,
            long rows,
            long csvBytes,
            long bytes,
            long writtenBytes,
            @Nullable Map<String, Integer> reexported) {
        this.tables = tables;
        this.units = units;
        this.reusedUnits = reusedUnits;
        this.rows = rows;
        this.csvBytes = csvBytes;
        this.bytes = bytes;
        this.writtenBytes = writtenBytes;
        this.reexported = reexported == null ? Map.of() : Collections.unmodifiableSortedMap(new TreeMap<>(reexported));
    }
}

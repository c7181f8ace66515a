package io.hyperkeep.manifest;

import org.jspecify.annotations.Nullable;

/**
 * One dimension of a hypertable, in the order in which dimensions were added.
 *
 * @param column the column's name
 * @param columnType its type, e.g. {@code timestamp with time zone}
 * @param kind range (time or integer) or hash
 * @param interval width of a new chunk on a range dimension: microseconds for time types and for a custom
 *     partitioning function, else in the column's own unit; null for hash
 * @param partitions number of hash partitions; null for range
 * @param partitioningFunction qualified name where it is not TimescaleDB's own hash function, else null
 * @param integerNow qualified name of the function that says what "now" is for an integer dimension, or null
 */
public record Dimension(
        String column,
        String columnType,
        Kind kind,
        @Nullable Long interval,
        @Nullable Integer partitions,
        @Nullable QualifiedName partitioningFunction,
        @Nullable QualifiedName integerNow) {
    /** How values are mapped to chunks. */
    public enum Kind {
        RANGE,
        HASH
    }

    /** A function's schema and name. */
    public record QualifiedName(String schema, String name) {}
}

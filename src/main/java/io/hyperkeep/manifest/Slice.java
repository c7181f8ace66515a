package io.hyperkeep.manifest;

/**
 * What a chunk covers on one dimension, in TimescaleDB's internal units.
 *
 * @param column the dimension's column
 * @param start first value that belongs to the chunk; {@link Long#MIN_VALUE} means unbounded
 * @param end first value that no longer belongs to it; {@link Long#MAX_VALUE} means unbounded
 */
public record Slice(String column, long start, long end) {}

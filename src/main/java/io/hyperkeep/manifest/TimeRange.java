package io.hyperkeep.manifest;

/**
 * A part of a hypertable's primary dimension, in TimescaleDB's internal unit: microseconds for times, else the column's own.
 *
 * @param first the first value of it; {@link Long#MIN_VALUE} means unbounded
 * @param last the last value of it, not the first one after; {@link Long#MAX_VALUE} means unbounded
 */
public record TimeRange(long first, long last) {}

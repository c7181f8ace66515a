package io.hyperkeep.restore;

/**
 * Which rows of a file are restored: those whose value is in a range.
 *
 * @param column the value's place in a row, from 0
 * @param type how it is read
 * @param from the first value that is kept, as TimescaleDB counts
 * @param until the first value that no longer is
 */
public record Cut(int column, DimensionType type, long from, long until) {
    /** Whether the range has the whole of this one. */
    boolean hasAll(long start, long end) {
        return from <= start && end <= until;
    }

    /** Whether the range has nothing of this one. */
    boolean hasNone(long start, long end) {
        return end <= from || until <= start;
    }

    /**
     * Whether a row with this value is kept.
     *
     * @throws IllegalArgumentException when it is no value of the type
     */
    boolean keeps(String value) {
        long point = type.value(value);
        return from <= point && point < until;
    }
}

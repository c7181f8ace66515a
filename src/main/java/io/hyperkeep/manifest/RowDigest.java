package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * An order-independent 128-bit digest of a set of rows: two sums, modulo 2^64, of two 64-bit hashes of each row.
 *
 * <p>As addition commutes, digests of parts add up to the digest of the whole, whatever the parts and their order.
 * Rows that occur twice count twice.
 *
 * @param first the sum of the rows' XXH3-64 hashes with the first seed
 * @param second the sum of the rows' XXH3-64 hashes with the second seed
 */
public record RowDigest(long first, long second) {
    /** The digest of no rows. */
    public static final RowDigest NONE = new RowDigest(0, 0);

    /** The digest of both sets of rows together. */
    public RowDigest plus(RowDigest other) {
        return new RowDigest(first + other.first, second + other.second);
    }

    /** 32 lower-case hexadecimal digits, the first sum first. */
    @Override
    @JsonValue
    public String toString() {
        return String.format("%016x%016x", first, second);
    }

    /**
     * Reads what {@link #toString()} wrote.
     *
     * @throws IllegalArgumentException if the text is not 32 hexadecimal digits
     */
    @JsonCreator
    public static RowDigest parse(String hex) {
        if (hex.length() != 32) {
            throw new IllegalArgumentException("a row digest has 32 hexadecimal digits, not '" + hex + "'");
        }
        return new RowDigest(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16), 16));
    }
}

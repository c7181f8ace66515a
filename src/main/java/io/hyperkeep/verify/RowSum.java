package io.hyperkeep.verify;

import io.hyperkeep.manifest.RowDigest;

/**
 * How many rows there are, and their digest.
 *
 * @param rows their number
 * @param digest of them all, in whatever order
 */
record RowSum(long rows, RowDigest digest) {
    static final RowSum NOTHING = new RowSum(0, RowDigest.NONE);

    RowSum plus(RowSum other) {
        return new RowSum(rows + other.rows, digest.plus(other.digest));
    }
}

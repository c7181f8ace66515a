package io.hyperkeep.archive;

import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.RowDigester;

/**
 * Counts and digests rows in COPY's text format as pg_dump keeps it: a line feed ends a row and nothing else, and a line
 * of {@code \.} ends them all (pg_dump.c, dumpTableData_copy). For one thread.
 */
final class CopiedRows {
    private static final int END_BYTES = 3;

    private final RowDigester digester = new RowDigester();

    /**
     * Rows of a relation.
     *
     * @param rows their number
     * @param digest of them all
     */
    record Sum(long rows, RowDigest digest) {}

    /**
     * Adds a line, or a piece of one, as {@link Lines.Sink} gets it.
     *
     * @return whether it was the one that ends the rows
     */
    boolean add(byte[] bytes, int offset, int length, boolean begins, boolean ends) {
        if (begins && ends) {
            if (length == END_BYTES && bytes[offset] == '\\' && bytes[offset + 1] == '.') {
                return true;
            }
            digester.add(bytes, offset, length);
        } else {
            digester.addPiece(bytes, offset, length);
            if (ends) {
                digester.endRow();
            }
        }
        return false;
    }

    /** What was added so far. */
    Sum sum() {
        return new Sum(digester.rows(), digester.digest());
    }
}

package io.hyperkeep.manifest;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import org.jspecify.annotations.Nullable;

/**
 * Adds rows up to a {@link RowDigest}: this class is what defines the digest. For one thread.
 *
 * <p>A row is what one COPY message holds: its CSV text in UTF-8 with the line feed at its end.
 */
public final class RowDigester {
    private static final Hasher64 FIRST = Hashing.xxh3_64(0);
    // any other fixed seed would do: the golden ratio's first 64 bits
    private static final Hasher64 SECOND = Hashing.xxh3_64(0x9E3779B97F4A7C15L);

    private long first;
    private long second;
    private long rows;
    // only for rows that come in pieces
    private @Nullable HashStream64 firstPieces;
    private @Nullable HashStream64 secondPieces;

    /** Adds one row. */
    public void add(byte[] bytes, int offset, int length) {
        first += FIRST.hashBytesToLong(bytes, offset, length);
        second += SECOND.hashBytesToLong(bytes, offset, length);
        rows++;
    }

    /** Adds a piece of a row that is not at hand as a whole; {@link #endRow()} follows its last one. */
    public void addPiece(byte[] bytes, int offset, int length) {
        if (firstPieces == null || secondPieces == null) {
            firstPieces = FIRST.hashStream();
            secondPieces = SECOND.hashStream();
        }
        firstPieces.putBytes(bytes, offset, length);
        secondPieces.putBytes(bytes, offset, length);
    }

    /** Ends the row whose pieces were added; the same as adding it as a whole. */
    public void endRow() {
        if (firstPieces == null || secondPieces == null) {
            throw new IllegalStateException("no piece of a row was added");
        }
        first += firstPieces.getAsLong();
        second += secondPieces.getAsLong();
        rows++;
        firstPieces.reset();
        secondPieces.reset();
    }

    /** The digest of the rows so far. */
    public RowDigest digest() {
        return new RowDigest(first, second);
    }

    /** The number of rows so far. */
    public long rows() {
        return rows;
    }
}

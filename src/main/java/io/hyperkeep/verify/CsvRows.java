package io.hyperkeep.verify;

import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.manifest.UnitEntry;
import java.util.Optional;

/**
 * Splits CSV as COPY wrote it into rows, counts and digests them; a row may be of any length. For one thread.
 *
 * <p>A line feed ends a row unless it is quoted, and it is quoted after an odd number of quotes: a quote inside of a
 * quoted value is doubled, so that it does not change the parity.
 */
final class CsvRows {
    private final RowDigester digester = new RowDigester();
    private boolean header = true;
    private boolean quoted;
    private boolean begun;
    private long bytes;

    /** Takes the next piece of the file. */
    void add(byte[] buffer, int length) {
        bytes += length;
        int start = 0;
        for (int i = 0; i < length; i++) {
            byte b = buffer[i];
            if (b == '"') {
                quoted = !quoted;
            } else if (b == '\n' && !quoted) {
                end(buffer, start, i + 1 - start);
                start = i + 1;
            }
        }
        if (start < length) {
            if (!header) {
                digester.addPiece(buffer, start, length - start);
            }
            begun = true;
        }
    }

    private void end(byte[] buffer, int offset, int length) {
        if (header) {
            header = false;
        } else if (begun) {
            digester.addPiece(buffer, offset, length);
            digester.endRow();
        } else {
            digester.add(buffer, offset, length);
        }
        begun = false;
    }

    /** What is not as the manifest says; to be asked after the last piece. */
    Optional<String> differs(UnitEntry unit) {
        if (begun || quoted) {
            return Optional.of("ends in the middle of a row");
        }
        if (bytes != unit.csvBytes()) {
            return Optional.of("holds " + bytes + " bytes of CSV instead of " + unit.csvBytes());
        }
        if (digester.rows() != unit.rows()) {
            return Optional.of("holds " + digester.rows() + " rows instead of " + unit.rows());
        }
        return digester.digest().equals(unit.digest())
                ? Optional.empty()
                : Optional.of("holds other rows: their digest differs");
    }
}

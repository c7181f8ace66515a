package io.hyperkeep.restore;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Splits CSV as COPY wrote it into rows, and passes on those that are kept, each as it was. For one thread; holds one row
 * at a time.
 */
final class CutRows {
    private final Cut cut;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean header = true;
    private boolean quoted;

    CutRows(Cut cut) {
        this.cut = cut;
    }

    /** Takes what is kept. */
    interface Kept<X extends Exception> {
        /** The line that names the columns; it comes first, and once. */
        void header(byte[] bytes, int offset, int length) throws X;

        /** A row with the line feed at its end. */
        void row(byte[] bytes, int offset, int length) throws X;
    }

    /**
     * Takes the next piece of the file.
     *
     * @throws IllegalArgumentException when a row has no value of the column's type
     */
    <X extends Exception> void add(byte[] buffer, int length, Kept<X> kept) throws X {
        int start = 0;
        for (int i = 0; i < length; i++) {
            byte b = buffer[i];
            if (b == '"') {
                // doubled within a quoted value, so that the parity tells
                quoted = !quoted;
            } else if (b == '\n' && !quoted) {
                end(buffer, start, i + 1 - start, kept);
                start = i + 1;
            }
        }
        begun.write(buffer, start, length - start);
    }

    private <X extends Exception> void end(byte[] buffer, int offset, int length, Kept<X> kept) throws X {
        if (begun.size() == 0) {
            pass(buffer, offset, length, kept);
            return;
        }
        begun.write(buffer, offset, length);
        byte[] row = begun.toByteArray();
        begun.reset();
        pass(row, 0, row.length, kept);
    }

    private <X extends Exception> void pass(byte[] row, int offset, int length, Kept<X> kept) throws X {
        if (header) {
            header = false;
            kept.header(row, offset, length);
        } else if (cut.keeps(value(row, offset, length))) {
            kept.row(row, offset, length);
        }
    }

    private String value(byte[] row, int offset, int length) {
        int column = 0;
        boolean within = false;
        int start = offset;
        for (int i = offset; i < offset + length; i++) {
            byte b = row[i];
            if (b == '"') {
                within = !within;
            } else if (!within && (b == ',' || b == '\n')) {
                if (column == cut.column()) {
                    String value = new String(row, start, i - start, StandardCharsets.UTF_8);
                    return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
                }
                column++;
                start = i + 1;
            }
        }
        throw new IllegalArgumentException("a row has " + column + " columns");
    }
}

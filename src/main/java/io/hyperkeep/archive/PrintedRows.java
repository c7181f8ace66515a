package io.hyperkeep.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts and digests the rows in a script of pg_restore: between statements there are comments, and after each COPY
 * statement its rows, as {@link CopiedRows} says. For one thread.
 */
final class PrintedRows {
    /** A statement of COPY names columns, each of at most 63 bytes, of at most 1,600. */
    private static final int LONGEST_STATEMENT = 1 << 20;

    private final List<CopiedRows.Sum> sums = new ArrayList<>();
    private final ByteArrayOutputStream statement = new ByteArrayOutputStream();
    private CopiedRows rows = new CopiedRows();
    private boolean copying;
    private boolean quoted;
    private boolean broken;

    /**
     * Reads a script to its end.
     *
     * @return the rows of each COPY statement, in their order
     * @throws IOException when it can not be read, or ends within rows
     */
    static List<CopiedRows.Sum> read(InputStream script) throws IOException, InterruptedException {
        PrintedRows printed = new PrintedRows();
        new Lines().read(script, printed::line);
        if (printed.copying || printed.broken) {
            throw new IOException("it is no whole script of COPY statements");
        }
        return List.copyOf(printed.sums);
    }

    private void line(byte[] bytes, int offset, int length, boolean begins, boolean ends) {
        if (!copying) {
            define(bytes, offset, length, begins, ends);
        } else if (rows.add(bytes, offset, length, begins, ends)) {
            sums.add(rows.sum());
            rows = new CopiedRows();
            copying = false;
        }
    }

    private void define(byte[] bytes, int offset, int length, boolean begins, boolean ends) {
        if (!quoted && begins && isComment(bytes, offset, length)) {
            return;
        }
        broken |= !begins || !ends || statement.size() > LONGEST_STATEMENT;
        // a name may hold a line feed
        for (int i = offset; i < offset + length; i++) {
            quoted ^= bytes[i] == '"';
        }
        statement.write(bytes, offset, length);
        if (!quoted) {
            String sql = statement.toString(StandardCharsets.UTF_8);
            copying = sql.startsWith("COPY ") && sql.endsWith(" FROM stdin;\n");
            statement.reset();
        }
    }

    /** Comments, which hold names as they are; and psql's commands. */
    private static boolean isComment(byte[] bytes, int offset, int length) {
        return length > 1 && (bytes[offset] == '-' && bytes[offset + 1] == '-' || bytes[offset] == '\\');
    }
}

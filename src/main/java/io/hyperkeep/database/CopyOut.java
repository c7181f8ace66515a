package io.hyperkeep.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** Runs {@code COPY … TO STDOUT} and hands on what it sends, row by row. Thread-safe: it has no state. */
public final class CopyOut {
    private CopyOut() {}

    /** Takes rows; must not keep the array, so that one row at a time is in memory. */
    @FunctionalInterface
    public interface RowSink {
        /** @param row exactly one row, line feed included (PostgreSQL 17 manual, 53.2.6: "always one per row") */
        void row(byte[] row) throws IOException;
    }

    /**
     * Runs the statement to its end. When the sink fails, the statement is cancelled and the connection closed: one whose
     * COPY was cancelled half-way may answer the next statement with what belongs to this one (pgjdbc 42.7.14: tried).
     *
     * @param header whether the statement has HEADER: that line is handed on too, first, but not counted
     * @return rows that the server says it sent, equal to those handed on
     * @throws SQLException when the server fails, or its count is not what arrived
     * @throws IOException when the sink fails
     */
    public static long run(Connection connection, String sql, boolean header, RowSink sink)
            throws SQLException, IOException {
        org.postgresql.copy.CopyOut copy =
                connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
        long messages = 0;
        try {
            byte[] row;
            while ((row = copy.readFromCopy()) != null) {
                messages++;
                sink.row(row);
            }
        } finally {
            if (copy.isActive()) {
                Query.cancel(connection);
                connection.abort(Runnable::run);
            }
        }
        long rows = header ? messages - 1 : messages;
        if (rows != copy.getHandledRowCount()) {
            throw new SQLException(
                    "COPY reports " + copy.getHandledRowCount() + " rows, but " + rows + " arrived: " + sql);
        }
        return rows;
    }
}

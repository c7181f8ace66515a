package io.hyperkeep.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** A statement and what to make of each of its rows; each call uses and closes its own statement. */
public final class Query {
    private Query() {}

    /** Makes a value of the row that the result set stands on. */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /**
     * Runs a query and reads all rows; for catalogs, whose size does not grow with the data.
     *
     * @param parameters bound in order; a {@code Long[]} becomes an array of oids
     */
    public static <T> List<T> list(Connection connection, String sql, RowReader<T> reader, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                if (parameters[i] instanceof Long[] oids) {
                    statement.setArray(i + 1, connection.createArrayOf("oid", oids));
                } else {
                    statement.setObject(i + 1, parameters[i]);
                }
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> result = new ArrayList<>();
                while (rows.next()) {
                    result.add(reader.read(rows));
                }
                return result;
            }
        }
    }

    /**
     * Runs a query that returns exactly one row.
     *
     * @throws SQLException also when there is no row or more than one
     */
    public static <T> T one(Connection connection, String sql, RowReader<T> reader, Object... parameters)
            throws SQLException {
        List<T> rows = list(connection, sql, reader, parameters);
        if (rows.size() != 1) {
            throw new SQLException("expected one row, got " + rows.size() + ": " + sql);
        }
        return rows.get(0);
    }

    /** Runs statements that return nothing of interest, each in a round trip of its own. */
    public static void execute(Connection connection, String... statements) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Cancels whatever another thread is doing with this connection; does nothing when that is nothing. */
    public static void cancel(Connection connection) {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // it has ended already, or the server is gone: there is nothing left to cancel
        }
    }
}

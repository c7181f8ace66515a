package io.hyperkeep.crew;

import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;

/** A hand with a connection of its own that does one kind of thing to each item. */
public final class SqlHand<T> implements Hand<T> {
    private final Connection connection;
    private final Function<T, String> doing;
    private final Action<T> action;

    /** What is done to each item. */
    @FunctionalInterface
    public interface Action<T> {
        void to(Connection connection, T item) throws SQLException, InterruptedException;
    }

    /**
     * @param connection closed by this hand
     * @param doing how a failure begins, e.g. {@code cannot analyze public.metrics}
     */
    public SqlHand(Connection connection, Function<T, String> doing, Action<T> action) {
        this.connection = connection;
        this.doing = doing;
        this.action = action;
    }

    @Override
    public void work(T item) throws InterruptedException {
        try {
            action.to(connection, item);
        } catch (SQLException e) {
            throw ServerErrors.translate(doing.apply(item), e);
        }
    }

    @Override
    public void cancel() {
        Query.cancel(connection);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // whatever it did not commit is rolled back by the server
        }
    }
}

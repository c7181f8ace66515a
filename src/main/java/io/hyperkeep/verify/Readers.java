package io.hyperkeep.verify;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.crew.SqlHand;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;

/** Where the sessions come from that the compared database is read with. Thread-safe. */
public interface Readers {
    /**
     * Makes somebody who reads with a session that nobody else uses meanwhile.
     *
     * @param doing how a failure begins, e.g. {@code cannot read app.metrics back}
     */
    <T> Hand<T> hand(Function<T, String> doing, SqlHand.Action<T> action);

    /** Something to read. */
    @FunctionalInterface
    interface Reading<T> {
        T with(Connection session) throws SQLException;
    }

    /**
     * Reads something once.
     *
     * @throws SQLException whatever reading throws
     */
    <T> T read(Reading<T> reading) throws SQLException;

    /**
     * Has something done in a session and a transaction of its own, which may write and is rolled back.
     *
     * @throws SQLException whatever that throws, or that the server takes no writes
     */
    <T> T undone(Reading<T> work) throws SQLException;
}

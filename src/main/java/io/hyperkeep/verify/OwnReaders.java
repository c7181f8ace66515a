package io.hyperkeep.verify;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.crew.SqlHand;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;

/** Sessions of a database that nobody else writes to, so that each may see it as it is when it looks. Thread-safe. */
public final class OwnReaders implements Readers {
    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12/compare} */
    public OwnReaders(Connections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    @Override
    public <T> Hand<T> hand(Function<T, String> doing, SqlHand.Action<T> action) {
        return new SqlHand<>(connections.open(application), doing, action);
    }

    @Override
    public <T> T read(Reading<T> reading) throws SQLException {
        try (Connection session = connections.open(application)) {
            return reading.with(session);
        }
    }

    @Override
    public <T> T undone(Reading<T> work) throws SQLException {
        try (Connection session = connections.open(application)) {
            Query.execute(session, "BEGIN READ WRITE");
            T result = work.with(session);
            Query.execute(session, "ROLLBACK");
            return result;
        }
    }
}

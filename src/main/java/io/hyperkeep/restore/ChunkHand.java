package io.hyperkeep.restore;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.TableEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** Creates chunks, hypertable by hypertable, with as many sessions one after the other as that takes. */
final class ChunkHand implements Hand<TableEntry>, SeedChunks.Sessions {
    private final Supplier<Connection> open;
    private final Action action;
    private volatile Connection connection;
    private volatile boolean cancelled;

    /** What is done to each hypertable. */
    @FunctionalInterface
    interface Action {
        void to(SeedChunks.Sessions sessions, TableEntry table) throws InterruptedException, SQLException;
    }

    ChunkHand(Supplier<Connection> open, Action action) {
        this.open = open;
        this.action = action;
        this.connection = open.get();
    }

    @Override
    public void work(TableEntry table) throws InterruptedException {
        try {
            action.to(this, table);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create the chunks of " + table.name(), e);
        }
    }

    @Override
    public Connection current() {
        return connection;
    }

    @Override
    public Connection fresh() throws InterruptedException, SQLException {
        if (cancelled || Thread.interrupted()) {
            throw new InterruptedException();
        }
        connection.close();
        connection = open.get();
        return connection;
    }

    @Override
    public void cancel() {
        cancelled = true;
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

package io.hyperkeep.verify;

import io.hyperkeep.crew.Hand;
import io.hyperkeep.crew.SqlHand;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.export.SnapshotSessions;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of a database in use: all of them read one snapshot, and none of them can write. What is rolled back has a
 * session of its own. Thread-safe.
 */
public final class SnapshotReaders implements Readers {
    private final SnapshotSessions sessions;
    private final Readers beside;

    /**
     * @param sessions closed by their owner
     * @param connections to the same database, for what is rolled back: it sees no snapshot
     */
    public SnapshotReaders(SnapshotSessions sessions, Connections connections) {
        this.sessions = sessions;
        this.beside = new OwnReaders(connections, "hyperkeep/compare");
    }

    @Override
    public <T> Hand<T> hand(Function<T, String> doing, SqlHand.Action<T> action) {
        return new LentSession<>(doing, action);
    }

    @Override
    public <T> T read(Reading<T> reading) throws SQLException {
        return sessions.withHolder(reading::with);
    }

    @Override
    public <T> T undone(Reading<T> work) throws SQLException {
        return beside.undone(work);
    }

    private final class LentSession<T> implements Hand<T> {
        private final Function<T, String> doing;
        private final SqlHand.Action<T> action;
        private volatile @Nullable Connection using;

        LentSession(Function<T, String> doing, SqlHand.Action<T> action) {
            this.doing = doing;
            this.action = action;
        }

        @Override
        public void work(T item) throws InterruptedException {
            try {
                sessions.<@Nullable Void>withWorker((session, locked) -> {
                    using = session;
                    try {
                        read(session, item);
                    } finally {
                        using = null;
                    }
                    return null;
                });
            } catch (SQLException e) {
                throw ServerErrors.translate(doing.apply(item), e);
            }
        }

        /** What reading locks is given back after each item: a hypertable may have more chunks than there are locks. */
        private void read(Connection session, T item) throws SQLException {
            Query.execute(session, "SAVEPOINT item");
            try {
                action.to(session, item);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackupException(Problem.INTERRUPTED, "interrupted while " + doing.apply(item), null, e);
            }
            Query.execute(session, "ROLLBACK TO SAVEPOINT item; RELEASE SAVEPOINT item");
        }

        @Override
        public void cancel() {
            Connection session = using;
            if (session != null) {
                Query.cancel(session);
            }
        }

        @Override
        public void close() {
            // the sessions are lent
        }
    }
}

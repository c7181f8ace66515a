package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.SqlHand;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;

/** What a restore ends with, in the order of these methods; each may be repeated. Not thread-safe. */
public final class FinishRestore {
    private static final long FEW_ROWS = 100_000;
    private static final int FEW_CHUNKS = 500;

    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public FinishRestore(Connections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    /**
     * Sets every sequence to where it stood.
     *
     * @throws io.hyperkeep.problem.BackupException naming the sequence that failed
     */
    public void sequences(RestorePlan plan) {
        each(
                plan.sequences(),
                sequence -> "cannot set sequence " + sequence.sequence(),
                (connection, sequence) -> Query.execute(connection, setval(sequence)));
    }

    private static String setval(SequenceState sequence) {
        return "SELECT pg_catalog.setval(" + Identifiers.literal(Identifiers.quote(sequence.sequence()))
                + "::regclass, " + sequence.lastValue() + ", " + sequence.called() + ")";
    }

    /**
     * Refreshes every materialized view that held rows, in the order in which they need each other.
     *
     * @throws io.hyperkeep.problem.BackupException naming the view that failed
     */
    public void refresh(RestorePlan plan) {
        each(
                plan.refresh(),
                view -> "cannot refresh " + view,
                (connection, view) ->
                        Query.execute(connection, "REFRESH MATERIALIZED VIEW " + Identifiers.quote(view)));
    }

    /**
     * Gives the planner statistics, several tables at once, the biggest first.
     *
     * <p>ANALYZE samples 30,000 rows of each chunk, so it costs by the number of chunks, and for a large hypertable as
     * much as everything else together. Autovacuum does the same for every chunk, within minutes, because their rows
     * are new: such hypertables are left to it, unless it is off.
     *
     * @throws io.hyperkeep.problem.BackupException naming the table that failed
     */
    public void analyze(RestorePlan plan, int jobs) {
        boolean autovacuum = autovacuum();
        List<TableName> tables = plan.tables().stream()
                .filter(table -> !autovacuum || isSmall(table))
                .sorted(Comparator.comparingLong(TableEntry::rows).reversed())
                .map(TableEntry::name)
                .toList();
        Crew.work(
                "analyze",
                jobs,
                tables,
                () -> new SqlHand<TableName>(
                        connections.open(application + "/analyze"),
                        table -> "cannot analyze " + table,
                        (connection, table) -> Query.execute(connection, "ANALYZE " + Identifiers.quote(table))));
    }

    private static boolean isSmall(TableEntry table) {
        return table.hypertable() == null
                || table.rows() <= FEW_ROWS && table.hypertable().chunks().size() <= FEW_CHUNKS;
    }

    private boolean autovacuum() {
        try (Connection connection = connections.open(application + "/analyze")) {
            return Query.one(
                    connection,
                    "SELECT current_setting('autovacuum')::boolean AND current_setting('track_counts')::boolean",
                    row -> row.getBoolean(1));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the settings of " + connections.address(), e);
        }
    }

    /**
     * Declares the target restored, after everything was compared: removes the ledger, and with it the mark that says
     * that the target is unfinished. Everything is durable when this returns.
     *
     * @throws io.hyperkeep.problem.BackupException when the server refuses; the target then still counts as unfinished
     */
    public void end(RestorePlan plan) {
        try (Connection connection = connections.open(application + "/end")) {
            Ledger.of(plan).remove(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot end the restore in " + connections.address(), e);
        }
    }

    private <T> void each(List<T> items, java.util.function.Function<T, String> doing, SqlHand.Action<T> action) {
        // one connection, in order
        Crew.work("finish", 1, items, () -> new SqlHand<>(connections.open(application + "/finish"), doing, action));
    }
}

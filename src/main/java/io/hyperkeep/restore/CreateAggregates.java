package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredAggregate;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.AggregateDdl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Creates continuous aggregates over hypertables that are still empty, one after the other, each with its watermark and
 * with what is pending, so that nothing is left to do but to copy the rows in.
 *
 * <p>Repeatable. An attempt may have ended
 *
 * <ul>
 *   <li>before an aggregate was created: creating it and its row in the ledger are one transaction;
 *   <li>before it was settled, which takes several transactions, because a refresh has its own: all of it is done again,
 *       over tables that are as empty as they were, since no row is imported before every aggregate is settled;
 *   <li>after that: the ledger's second row says so.
 * </ul>
 */
public final class CreateAggregates {
    /** A column that is neither grouped by nor aggregated; allowed where a key of its table is grouped by. */
    private static final String GROUPING_ERROR = "42803";

    private final Connections connections;
    private final String application;
    private final RestoreEntries entries;

    /**
     * @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12}
     * @param entries for keys that an aggregate needs before all others are built
     */
    public CreateAggregates(Connections connections, String application, RestoreEntries entries) {
        this.connections = connections;
        this.application = application;
        this.entries = entries;
    }

    /**
     * Creates them in their order.
     *
     * @throws BackupException when the server refuses, naming the aggregate
     */
    public void run(RestorePlan plan) {
        if (plan.aggregates().isEmpty()) {
            return;
        }
        Ledger ledger = Ledger.of(plan);
        Map<TableName, TableEntry> tables =
                plan.withChunksAhead().stream().collect(Collectors.toMap(TableEntry::name, Function.identity()));
        try (Connection connection = connections.open(application + "/create-aggregates")) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            Set<String> done = ledger.done(connection);
            for (ContinuousAggregate aggregate : plan.aggregates()) {
                AggregateDdl ddl = AggregateDdl.of(
                        aggregate,
                        tables.get(aggregate.name()),
                        Objects.requireNonNull(tables.get(aggregate.source()).hypertable()).chunks().stream()
                                .map(chunk -> chunk.slices().get(0))
                                .toList());
                String created = "aggregate " + aggregate.name();
                String settled = "watermark " + aggregate.name();
                if (!done.contains(created)) {
                    if (!create(connection, server, ledger, created, ddl, true)) {
                        entries.keys(plan, Set.copyOf(aggregate.needs()));
                        create(connection, server, ledger, created, ddl, false);
                    }
                }
                if (!done.contains(settled)) {
                    settle(connection, server, ddl);
                    requireWatermark(connection, server, aggregate);
                    ledger.enter(connection, settled, 0, null, false);
                }
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create continuous aggregates in " + connections.address(), e);
        }
    }

    /** Returns false when it lacks a key, and nothing of it is there. */
    private static boolean create(
            Connection connection,
            ServerCapabilities server,
            Ledger ledger,
            String item,
            AggregateDdl ddl,
            boolean mayLackKey)
            throws SQLException {
        connection.setAutoCommit(false);
        try {
            ledger.enter(connection, item, 0, null, false);
            Query.execute(connection, ddl.create(server.timescaleSchema()).toArray(String[]::new));
            connection.commit();
            return true;
        } catch (SQLException e) {
            connection.rollback();
            if (mayLackKey && GROUPING_ERROR.equals(e.getSQLState())) {
                return false;
            }
            throw ServerErrors.translate(
                    "cannot create continuous aggregate " + ddl.aggregate().name(), e);
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static void settle(Connection connection, ServerCapabilities server, AggregateDdl ddl) {
        for (AggregateDdl.Statement statement : ddl.settle(server.timescaleSchema())) {
            try {
                Query.execute(connection, statement.sql());
            } catch (SQLException e) {
                if (!statement.isNothingToDo(e)) {
                    throw ServerErrors.translate(
                            "cannot set the watermark of continuous aggregate "
                                    + ddl.aggregate().name(),
                            e);
                }
            }
        }
    }

    /** Found out now, and not after hours of import. */
    private void requireWatermark(Connection connection, ServerCapabilities server, ContinuousAggregate expected)
            throws SQLException {
        DiscoveredAggregate now =
                new DiscoverDatabase().aggregates(connection, server).get(expected.name());
        if (now == null || !Objects.equals(now.aggregate().watermark(), expected.watermark())) {
            throw new BackupException(
                    Problem.MISMATCH,
                    "the watermark of continuous aggregate " + expected.name() + " came out as "
                            + (now == null ? null : now.aggregate().watermark()) + ", not as " + expected.watermark(),
                    "leave the aggregate out with --exclude, and create it anew from its raw data");
        }
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.SqlHand;
import io.hyperkeep.database.AutovacuumGivesWay;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** What a restore ends with, in the order of these methods; each may be repeated. Not thread-safe. */
public final class FinishRestore {
    private static final long FEW_ROWS = 100_000;
    private static final int CHUNKS_AT_ONCE = 5;
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
     * Gives the planner statistics, several relations at once, the biggest tables first.
     *
     * <p>ANALYZE of a hypertable visits its chunks one after the other in one session, so a large one is analyzed chunk
     * by chunk instead, in all sessions. What is then missing is the summary over all chunks, which only some joins use.
     * The rows of foreign tables are another server's, which nobody asks for them: what has such a table as a part is left
     * without a summary.
     *
     * @return what the server could not analyze, by name: the planner goes without
     * @throws io.hyperkeep.problem.BackupException naming the table that failed
     */
    public List<Warning> analyze(RestorePlan plan, int jobs) {
        List<Statistics> work = new ArrayList<>();
        Map<TableName, List<DiscoveredChunk>> chunks = chunks();
        plan.targets().stream()
                .sorted(Comparator.comparingLong(TableEntry::rows).reversed())
                .forEach(table -> {
                    List<TableName> parts = isSmall(table)
                            ? List.of(table.name())
                            : chunks.getOrDefault(table.name(), List.of()).stream()
                                    .map(DiscoveredChunk::name)
                                    .toList();
                    for (int from = 0; from < parts.size(); from += CHUNKS_AT_ONCE) {
                        work.add(new Statistics(
                                table.name(), parts.subList(from, Math.min(from + CHUNKS_AT_ONCE, parts.size()))));
                    }
                });
        return analyze(work, jobs);
    }

    /**
     * The same for some relations, in the order of the list.
     *
     * @throws io.hyperkeep.problem.BackupException naming the one that failed
     */
    public List<Warning> analyze(Collection<TableName> relations, int jobs) {
        return analyze(
                relations.stream()
                        .map(relation -> new Statistics(relation, List.of(relation)))
                        .toList(),
                jobs);
    }

    private List<Warning> analyze(List<Statistics> all, int jobs) {
        Set<TableName> withForeignParts = withForeignParts();
        List<Statistics> work = all.stream()
                .filter(item -> item.relations().stream().noneMatch(withForeignParts::contains))
                .toList();
        Queue<Warning> refused = new ConcurrentLinkedQueue<>();
        Crew.work(
                "analyze",
                jobs,
                work,
                () -> new SqlHand<Statistics>(
                        connections.open(application + "/analyze"),
                        item -> "cannot analyze " + item.table(),
                        (connection, item) -> {
                            AutovacuumGivesWay.to(connection);
                            try {
                                Query.execute(
                                        connection,
                                        "ANALYZE "
                                                + item.relations().stream()
                                                        .map(Identifiers::quote)
                                                        .collect(Collectors.joining(", ")));
                            } catch (SQLException e) {
                                if (!ServerErrors.isRefusal(e)) {
                                    throw e;
                                }
                                refused.add(new Warning(
                                        "not-analyzed",
                                        "table " + item.table()
                                                + " has no statistics for the planner, as the server cannot"
                                                + " analyze it: " + ServerErrors.message(e)));
                            }
                        }));
        return refused.stream()
                .distinct()
                .sorted(Comparator.comparing(Warning::text))
                .toList();
    }

    /** Tables that ANALYZE would read foreign tables for: these are their partitions or children. */
    private Set<TableName> withForeignParts() {
        try (Connection connection = connections.open(application + "/analyze")) {
            return ForeignParts.of(connection).tables();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the foreign tables of " + connections.address(), e);
        }
    }

    /** Relations of a table to analyze with one statement. */
    private record Statistics(TableName table, List<TableName> relations) {}

    private static boolean isSmall(TableEntry table) {
        return table.hypertable() == null
                // an aggregate is a view: only its chunks can be analyzed
                || table.kind() == TableEntry.Kind.HYPERTABLE
                        && table.rows() <= FEW_ROWS
                        && table.hypertable().chunks().size() <= FEW_CHUNKS;
    }

    private Map<TableName, List<DiscoveredChunk>> chunks() {
        try (Connection connection = connections.open(application + "/analyze")) {
            return new DiscoverDatabase().chunks(connection, ServerCapabilities.of(connection));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the chunks of " + connections.address(), e);
        }
    }

    /**
     * Declares the target restored, after everything was compared: switches jobs on and removes the ledger, and with it
     * the mark that says that the target is unfinished, both by one transaction. Everything is durable when this
     * returns.
     *
     * @param jobs which are to be on
     * @throws BackupException when the server refuses; the target then still counts as unfinished, and no job is on
     */
    public RestoredJobs end(RestorePlan plan, JobsAtEnd jobs) {
        try {
            return switchOnAndRemoveLedger(plan, jobs);
        } catch (BackupException e) {
            if (!e.isPassing()) {
                throw e;
            }
            // whether it was committed is not known then; the second time does nothing if it was
            return switchOnAndRemoveLedger(plan, jobs);
        }
    }

    private RestoredJobs switchOnAndRemoveLedger(RestorePlan plan, JobsAtEnd jobs) {
        try (Connection connection = connections.open(application + "/end")) {
            connection.setAutoCommit(false);
            // whatever the settings of the restored database say
            Query.execute(connection, "SET TRANSACTION READ WRITE");
            Ledger ledger = Ledger.of(plan);
            SwitchJobsOn jobsOn = new SwitchJobsOn(connection, jobs, SearchPaths.read(connection, plan));
            if (!ledger.begunBefore(connection)) {
                return jobsOn.look(plan.jobs());
            }
            if (plan.isDataOnly()) {
                jobsOn.nameDropping(
                        plan.targets().stream().map(TableEntry::name).collect(Collectors.toSet()));
            }
            RestoredJobs restored = jobsOn.run(plan.jobs());
            ledger.remove(connection);
            connection.commit();
            return restored;
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot end the restore in " + connections.address(), e);
        }
    }

    private <T> void each(List<T> items, java.util.function.Function<T, String> doing, SqlHand.Action<T> action) {
        // one connection, in order
        Crew.work("finish", 1, items, () -> new SqlHand<>(connections.open(application + "/finish"), doing, action));
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Creates the chunks of empty hypertables before their rows come: the first writer of a new chunk holds a lock until
 * its end that every other writer of a new chunk waits for, so that parallel imports would go one after the other.
 *
 * <p>Repeatable: chunks that exist are left alone, and what an attempt that died left behind is cleared away. Not
 * thread-safe.
 */
public final class CreateChunks {
    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public CreateChunks(Connections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    /**
     * Creates them, several hypertables at once.
     *
     * <p>A chunk that can not be created ahead (one that had no rows, in a hypertable of several dimensions, on the
     * Apache edition) is left out: the import creates chunks as it needs them.
     *
     * @param plan whose hypertables get them
     * @param jobs number of connections
     * @return where chunks came out with other bounds than in the source, which loses nothing
     * @throws io.hyperkeep.problem.BackupException when the server refuses
     */
    public List<Warning> run(RestorePlan plan, int jobs) {
        List<TableEntry> hypertables = plan.withChunksAhead().stream()
                .filter(table -> !table.hypertable().chunks().isEmpty())
                .toList();
        if (hypertables.isEmpty()) {
            return List.of();
        }
        try (Connection connection = connections.open(application + "/create-chunks")) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            if (!server.communityEdition()) {
                SeedChunks.createFunction(connection);
            }
            Map<TableName, Set<Set<Slice>>> before = slices(connection, server);
            Map<TableName, TableName> materializations = new DiscoverDatabase().materializations(connection, server);
            SearchPaths searchPaths = SearchPaths.read(connection, plan);
            Crew.work(
                    "create-chunks",
                    jobs,
                    hypertables,
                    () -> new ChunkHand(
                            () -> connections.open(application + "/create-chunks"),
                            (sessions, table) -> create(
                                    sessions,
                                    server,
                                    table,
                                    isOfUsersType(table) ? searchPaths.of(table.owner()) : "",
                                    materializations.getOrDefault(table.name(), table.name()),
                                    missing(table, before))));
            return otherBounds(hypertables, slices(connection, server));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create chunks", e);
        }
    }

    private static void create(
            SeedChunks.Sessions sessions,
            ServerCapabilities server,
            TableEntry table,
            String searchPath,
            TableName relation,
            List<ChunkEntry> missing)
            throws InterruptedException, SQLException {
        // TimescaleDB writes a chunk's bounds as a text, in which operators have no schema
        SearchPaths.set(sessions.current(), searchPath);
        if (server.communityEdition()) {
            ExactChunks.create(sessions.current(), relation, missing);
        } else {
            new SeedChunks(sessions, server.timescaleSchema(), table).create(missing);
        }
    }

    /** Whether a column that it is divided by has a type, and so operators, of the users' own. */
    private static boolean isOfUsersType(TableEntry table) {
        return table.hypertable().dimensions().stream()
                .anyMatch(dimension -> dimension.kind() == Dimension.Kind.RANGE
                        && dimension.partitioningFunction() == null
                        && DimensionType.of(dimension.columnType()) == null);
    }

    private static Map<TableName, Set<Set<Slice>>> slices(Connection connection, ServerCapabilities server)
            throws SQLException {
        Map<TableName, Set<Set<Slice>>> slices = new HashMap<>();
        for (Map.Entry<TableName, List<DiscoveredChunk>> table :
                new DiscoverDatabase().chunks(connection, server).entrySet()) {
            Set<Set<Slice>> of = new HashSet<>();
            table.getValue().forEach(chunk -> of.add(Set.copyOf(chunk.slices())));
            slices.put(table.getKey(), of);
        }
        return slices;
    }

    private static List<ChunkEntry> missing(TableEntry table, Map<TableName, Set<Set<Slice>>> there) {
        Set<Set<Slice>> of = there.getOrDefault(table.name(), Set.of());
        return table.hypertable().chunks().stream()
                .filter(chunk -> !of.contains(Set.copyOf(chunk.slices())))
                .toList();
    }

    private static List<Warning> otherBounds(List<TableEntry> tables, Map<TableName, Set<Set<Slice>>> now) {
        List<Warning> warnings = new ArrayList<>();
        for (TableEntry table : tables) {
            long other = missing(table, now).stream()
                    .filter(chunk -> !chunk.seed().isEmpty())
                    .count();
            if (other > 0) {
                warnings.add(new Warning(
                        "other-chunk-bounds",
                        table.name() + ": " + other + " of "
                                + table.hypertable().chunks().size()
                                + " chunks have other bounds than in the source; their rows are in the chunks around"));
            }
        }
        return warnings;
    }

    /** Statements of a transaction, committed or rolled back as one. */
    static void inTransaction(Connection connection, List<String> statements) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Query.execute(connection, statements.toArray(String[]::new));
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunkProperty;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.ChunkProperty;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.PlanChunkProperties;
import io.hyperkeep.plan.PlanChunkProperties.Difference;
import io.hyperkeep.problem.BackupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives chunks what they had of their own: where they are before their rows come, everything else after all rows and keys
 * are in and the chunks are compressed, so that nothing of it changes how rows get there.
 *
 * <p>Repeatable without the ledger: what is left to do is read from the target's catalog. What the server refuses is
 * named, and the rest is done. Not thread-safe.
 */
public final class RestoreChunkProperties {
    /** What other things of a chunk refer to. */
    private static final Set<String> OBJECTS = Set.of("index", "constraint", "trigger", "policy");

    /** A statement about a chunk locks it and its indexes until it ends, and each is a transaction. */
    private final Connections connections;

    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public RestoreChunkProperties(Connections connections, String application) {
        this.connections = connections;
        this.application = application + "/chunk-properties";
    }

    /**
     * Moves chunks that are still empty to the tablespaces that they were in.
     *
     * @return what the server refused
     * @throws BackupException when the target can not be read
     */
    public List<Warning> tablespaces(RestorePlan plan) {
        List<Warning> warnings = new ArrayList<>();
        inTarget(plan, target -> target.apply(difference -> difference.kind().equals("tablespace"), warnings));
        return warnings;
    }

    /**
     * Gives them everything else.
     *
     * @return what the server refused, and what chunks had that are not there
     * @throws BackupException when the target can not be read
     */
    public List<Warning> run(RestorePlan plan) {
        List<Warning> warnings = new ArrayList<>();
        inTarget(plan, target -> {
            target.nameOthers(plan, warnings);
            target.apply(difference -> OBJECTS.contains(difference.kind()), warnings);
        });
        inTarget(plan, target -> target.apply(difference -> !OBJECTS.contains(difference.kind()), warnings));
        return warnings;
    }

    @FunctionalInterface
    private interface Work {
        void in(Target target) throws SQLException;
    }

    private void inTarget(RestorePlan plan, Work work) {
        List<TableEntry> tables = plan.hypertables().stream()
                .filter(table -> table.hypertable().chunkProperties() != null
                        && !table.hypertable().chunks().isEmpty())
                .toList();
        if (tables.isEmpty()) {
            return;
        }
        Set<TableName> names = tables.stream().map(TableEntry::name).collect(Collectors.toSet());
        try (Connection connection = connections.open(application)) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            work.in(new Target(
                    connection, new DiscoverDatabase().inventory(connection, server, names::contains), tables));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the chunks of " + connections.address(), e);
        }
    }

    /** The target as one session sees it. */
    private static final class Target {
        private final Connection connection;
        private final Inventory found;
        private final List<TableEntry> tables;
        private final Map<TableName, DiscoveredTable> there;

        Target(Connection connection, Inventory found, List<TableEntry> tables) {
            this.connection = connection;
            this.found = found;
            this.tables = tables;
            this.there = PlanChunkProperties.byName(found.tables());
        }

        void nameOthers(RestorePlan plan, List<Warning> warnings) {
            if (plan.alterations().content() != Alterations.Content.EVERYTHING
                    || plan.alterations().isCut()) {
                return;
            }
            for (TableEntry table : tables) {
                DiscoveredTable now = there.get(table.name());
                List<ChunkProperty> others = now == null
                        ? List.of()
                        : PlanChunkProperties.ofOtherChunks(table, now.chunks()).stream()
                                .filter(property -> !property.kind().equals(ChunkProperty.SKIPPED_RANGE))
                                .toList();
                if (!others.isEmpty()) {
                    warnings.add(new Warning(
                            "chunk-properties",
                            "hypertable " + table.name() + " has other chunks than in the source: what "
                                    + PlanChunkProperties.counts(table, others)
                                    + " had of their own is not restored: " + PlanChunkProperties.list(others)));
                }
            }
        }

        void apply(Predicate<Difference> chosen, List<Warning> warnings) throws SQLException {
            for (TableEntry table : tables) {
                DiscoveredTable now = there.get(table.name());
                List<Difference> differences = now == null
                        ? List.of()
                        : PlanChunkProperties.differences(table, now, found.tablespaces()).stream()
                                .filter(difference -> ChunkProperty.isCarried(difference.kind()))
                                .filter(chosen)
                                .toList();
                if (!differences.isEmpty()) {
                    apply(table, now, differences, warnings);
                }
            }
        }

        private record Key(long chunk, String kind, String name) {}

        private void apply(TableEntry table, DiscoveredTable now, List<Difference> differences, List<Warning> warnings)
                throws SQLException {
            Map<Key, DiscoveredChunkProperty> state = new HashMap<>();
            new DiscoverDatabase()
                    .chunkProperties(connection, found.server(), now)
                    .forEach(property ->
                            state.put(new Key(property.chunk(), property.kind(), property.name()), property));
            Map<String, Integer> refused = new HashMap<>();
            for (Difference difference : differences) {
                String doing = "cannot restore " + difference.kind() + " " + difference.name() + " of chunk "
                        + difference.chunk().name() + " of " + table.name();
                try {
                    ChunkStatements statements = new ChunkStatements(connection, now, difference.chunk());
                    DiscoveredChunkProperty is =
                            state.get(new Key(difference.chunk().oid(), difference.kind(), difference.name()));
                    for (String sql : sql(statements, difference, is)) {
                        Query.execute(connection, sql);
                    }
                } catch (SQLException e) {
                    BackupException failure = ServerErrors.translate(doing, e);
                    if (failure.isPassing()) {
                        throw failure;
                    }
                    refused.merge(
                            difference.kind() + (difference.name().isEmpty() ? "" : " " + difference.name()) + " ("
                                    + e.getMessage() + ")",
                            1,
                            Integer::sum);
                }
            }
            refused.forEach((what, chunks) -> warnings.add(new Warning(
                    "chunk-properties",
                    "hypertable " + table.name() + ": what " + chunks + (chunks == 1 ? " chunk" : " chunks")
                            + " had of their own is not restored: " + what)));
        }

        private static List<String> sql(
                ChunkStatements statements, Difference difference, @Nullable DiscoveredChunkProperty is)
                throws SQLException {
            String kind = difference.kind();
            String name = difference.name();
            ChunkProperty wanted = difference.wanted();
            String value = wanted != null ? wanted.value() : is == null ? null : is.ofHypertable();
            if (!OBJECTS.contains(kind)) {
                return statements.set(kind, name, value);
            }
            List<String> sql = new ArrayList<>();
            // without a word of it, the chunk has what its hypertable has
            boolean there = is == null ? value == null : is.value() != null;
            if (there) {
                sql.addAll(statements.drop(kind, name, is == null ? null : is.actual()));
            }
            if (value != null) {
                sql.addAll(statements.create(kind, name, value));
            }
            return sql;
        }
    }
}

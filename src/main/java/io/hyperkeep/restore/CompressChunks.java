package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.SqlHand;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.PlanCompression;
import io.hyperkeep.plan.PlanCompression.Planned;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.schema.ColumnstoreDdl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the chunks that were compressed, several at once, and sets how hypertables store their chunks.
 *
 * <ol>
 *   <li>Chunks of a hypertable may have been compressed with other settings than it has by now. In each round, every
 *       hypertable gets the settings of some of its chunks, and these are compressed; mostly there is one round.
 *   <li>Frozen chunks are frozen.
 *   <li>Each hypertable gets its own settings. The width up to which chunks are merged is among them, and comes last: the
 *       source's chunks have been merged already, and merging again would give other bounds.
 * </ol>
 *
 * <p>Repeatable without the ledger: each compression is one transaction of the server, and what is left to do is read
 * from its catalog. Killed between two of these steps, it leaves an unfinished target whose hypertables may have the
 * settings of some of their chunks; whoever repeats it sets them anew. Not thread-safe.
 */
public final class CompressChunks {
    private final Connections connections;
    private final String application;
    private final RunProgress progress;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public CompressChunks(Connections connections, String application, RunProgress progress) {
        this.connections = connections;
        this.application = application + "/compress";
        this.progress = progress;
    }

    /**
     * Does all of it; nothing on the Apache edition, as {@link TargetLosses} told.
     *
     * @param jobs number of connections
     * @throws io.hyperkeep.problem.BackupException naming the hypertable or chunk that failed
     */
    public void run(RestorePlan plan, int jobs) {
        try (Connection connection = connections.open(application)) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            if (server.communityEdition()) {
                Set<TableName> tables =
                        plan.hypertables().stream().map(TableEntry::name).collect(Collectors.toSet());
                Inventory found = new DiscoverDatabase().inventory(connection, server, tables::contains);
                new Target(connection, found, jobs).restore(plan);
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the chunks of " + connections.address(), e);
        }
    }

    /**
     * Enables the columnstore of hypertables with exclusion constraints: TimescaleDB takes such a constraint where it is
     * enabled, and does not enable it where there is such a constraint. Repeatable; nothing on the Apache edition.
     *
     * @throws io.hyperkeep.problem.BackupException naming the hypertable that failed
     */
    public void beforeExclusions(RestorePlan plan) {
        List<TableEntry> excluding = plan.hypertables().stream()
                .filter(table -> table.hypertable().columnstore() != null
                        && table.constraints().stream()
                                .anyMatch(constraint -> constraint.definition().startsWith("EXCLUDE ")))
                .toList();
        if (excluding.isEmpty()) {
            return;
        }
        Set<TableName> tables = excluding.stream().map(TableEntry::name).collect(Collectors.toSet());
        try (Connection connection = connections.open(application)) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            if (server.communityEdition()) {
                Target target = new Target(
                        connection, new DiscoverDatabase().inventory(connection, server, tables::contains), 1);
                for (TableEntry table : excluding) {
                    if (target.now.get(table.name()) == null) {
                        target.set(
                                table, Objects.requireNonNull(table.hypertable().columnstore()));
                    }
                }
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the chunks of " + connections.address(), e);
        }
    }

    /** Chunks to compress with the same settings. */
    private record Group(TableEntry table, Columnstore settings, List<DiscoveredChunk> chunks) {}

    /** A chunk and its hypertable. */
    private record Item(TableName table, DiscoveredChunk chunk) {}

    /** The target as one session sees it. */
    private final class Target {
        private final Connection connection;
        private final ServerCapabilities server;
        private final int jobs;
        /** What holds a hypertable's chunks: another one than its name says, if it is a continuous aggregate. */
        private final Map<TableName, TableName> relations = new HashMap<>();

        private final Map<TableName, List<DiscoveredChunk>> chunks = new HashMap<>();
        /** What each hypertable is set to, by now. */
        private final Map<TableName, @Nullable Columnstore> now = new HashMap<>();

        Target(Connection connection, Inventory found, int jobs) {
            this.connection = connection;
            this.server = found.server();
            this.jobs = jobs;
            for (DiscoveredTable table : found.tables()) {
                relations.put(table.name(), table.relation());
                chunks.put(table.name(), table.chunks());
                Hypertable hypertable = table.structure().hypertable();
                now.put(table.name(), hypertable == null ? null : hypertable.columnstore());
            }
        }

        void restore(RestorePlan plan) {
            if (plan.options().compress() == CompressMode.AS_SOURCE) {
                compress(plan);
            }
            for (TableEntry table : plan.hypertables()) {
                if (table.hypertable().columnstore() != null) {
                    set(table, table.hypertable().columnstore());
                }
                if (table.hypertable().directCompress() && server.directCompress()) {
                    directCompress(table);
                }
            }
        }

        private void compress(RestorePlan plan) {
            List<List<Group>> rounds = new ArrayList<>();
            List<Item> freeze = new ArrayList<>();
            for (TableEntry table : plan.hypertables()) {
                List<Planned> planned = PlanCompression.run(table, chunks.getOrDefault(table.name(), List.of()));
                List<Group> groups = groups(table, planned);
                for (int round = 0; round < groups.size(); round++) {
                    if (rounds.size() == round) {
                        rounds.add(new ArrayList<>());
                    }
                    rounds.get(round).add(groups.get(round));
                }
                planned.stream()
                        .filter(chunk -> chunk.frozen() && !chunk.chunk().isFrozen())
                        .forEach(chunk -> freeze.add(new Item(table.name(), chunk.chunk())));
            }
            List<DiscoveredChunk> all = rounds.stream()
                    .flatMap(List::stream)
                    .flatMap(group -> group.chunks().stream())
                    .toList();
            progress.expect(
                    all.size(), all.stream().mapToLong(DiscoveredChunk::bytes).sum());
            for (List<Group> round : rounds) {
                round.forEach(group -> set(group.table(), group.settings()));
                compressAll(round);
            }
            for (Item item : freeze) {
                execute(
                        "cannot freeze chunk " + item.chunk().name() + " of " + item.table(),
                        "SELECT _timescaledb_functions.freeze_chunk("
                                + regclass(item.chunk().name()) + ")");
            }
        }

        /** Without those that are compressed already. */
        private List<Group> groups(TableEntry table, List<Planned> planned) {
            Map<Columnstore, List<DiscoveredChunk>> open = new LinkedHashMap<>();
            for (Planned chunk : planned) {
                if (chunk.compressed() && !chunk.chunk().isCompressed()) {
                    open.computeIfAbsent(asChunk(chunk.settings()), settings -> new ArrayList<>())
                            .add(chunk.chunk());
                }
            }
            return open.entrySet().stream()
                    .map(group -> new Group(table, group.getKey(), group.getValue()))
                    .toList();
        }

        /** A version that would choose columns to group by, although it has an order, is asked for none. */
        private Columnstore asChunk(Columnstore settings) {
            return server.sparseIndexes() || settings.segmentBy() != null || settings.orderBy() == null
                    ? settings
                    : new Columnstore(
                            List.of(), settings.orderBy(), settings.sparseIndexes(), settings.chunkInterval());
        }

        private void compressAll(List<Group> groups) {
            boolean skipping = groups.stream().anyMatch(group -> {
                Hypertable hypertable = group.table().hypertable();
                return hypertable != null && !hypertable.chunkSkipping().isEmpty();
            });
            List<Item> items = groups.stream()
                    .flatMap(group -> group.chunks().stream()
                            .map(chunk -> new Item(group.table().name(), chunk)))
                    .sorted(Comparator.<Item>comparingLong(item -> item.chunk().bytes())
                            .reversed())
                    .toList();
            Crew.work(
                    "compress",
                    jobs,
                    items,
                    () -> new SqlHand<Item>(
                            connections.open(application),
                            item -> "cannot compress chunk " + item.chunk().name() + " of " + item.table(),
                            (session, item) -> {
                                if (skipping) {
                                    // it costs nothing to say it again
                                    Query.execute(session, ColumnstoreDdl.computeSkippedRanges());
                                }
                                Query.execute(
                                        session, compressChunk(item.chunk().name()));
                                progress.unitDone(item.chunk().bytes());
                            }));
        }

        private String compressChunk(TableName chunk) {
            return "SELECT " + function("compress_chunk") + "(" + regclass(chunk) + ", if_not_compressed => true)";
        }

        private void set(TableEntry table, Columnstore settings) {
            Columnstore before = now.get(table.name());
            Columnstore possible = possible(before, settings);
            execute(
                    "cannot set the columnstore of " + table.name(),
                    ColumnstoreDdl.change(relations.getOrDefault(table.name(), table.name()), before, possible)
                            .toArray(String[]::new));
            now.put(table.name(), possible);
        }

        /** Without the policies that come with it: the hypertable's own are created later. */
        private void directCompress(TableEntry table) {
            try {
                CreateChunks.inTransaction(
                        connection,
                        ColumnstoreDdl.directCompress(
                                relations.getOrDefault(table.name(), table.name()),
                                String.valueOf(server.timescaleSchema())));
            } catch (SQLException e) {
                throw ServerErrors.translate("cannot set direct compression of " + table.name(), e);
            }
        }

        /** A version that can not leave a choice to TimescaleDB again, or does not have it, stays as it is there. */
        private Columnstore possible(@Nullable Columnstore before, Columnstore settings) {
            if (server.sparseIndexes()) {
                return settings;
            }
            return new Columnstore(
                    settings.segmentBy() == null && before != null ? before.segmentBy() : settings.segmentBy(),
                    settings.orderBy() == null && before != null ? before.orderBy() : settings.orderBy(),
                    null,
                    settings.chunkInterval());
        }

        private String function(String name) {
            return Identifiers.quote(String.valueOf(server.timescaleSchema())) + "." + name;
        }

        private void execute(String doing, String... statements) {
            try {
                Query.execute(connection, statements);
            } catch (SQLException e) {
                throw ServerErrors.translate(doing, e);
            }
        }
    }

    private static String regclass(TableName relation) {
        return Identifiers.literal(Identifiers.quote(relation)) + "::regclass";
    }
}

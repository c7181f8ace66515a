package io.hyperkeep.discovery;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.ChunkProperty;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what is in a database, in whatever snapshot its connection is in. Thread-safe: it has no state. */
public final class DiscoverDatabase {
    /**
     * The users' own tables: ordinary and natively partitioned, permanent or unlogged; not what an extension owns, not
     * what TimescaleDB makes for itself, wherever their schema is.
     */
    private static String userTables(ServerCapabilities server) {
        return """
                SELECT c.oid::bigint, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner),
                       CASE WHEN c.relkind = 'r' THEN c.relfilenode::bigint ELSE 0 END
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p') AND c.relpersistence IN ('p', 'u') AND %s AND %s AND %s
                 ORDER BY n.nspname, c.relname
                """.formatted(
                UserObjects.IN_USERS_SCHEMA, UserObjects.isNoMember("c"), UserObjects.isNotInternal(server, "c"));
    }

    /**
     * Every table that a dump of the whole database reads, by name: the users' own, and those that TimescaleDB keeps
     * rows in; chunks and partitions left out, which are locked with their parents. Waits for no lock.
     */
    public List<TableName> dumpedTables(Connection connection) throws SQLException {
        return Query.list(
                connection,
                """
                SELECT n.nspname, c.relname
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p') AND c.relpersistence IN ('p', 'u') AND %s AND %s
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
                 ORDER BY 1, 2
                """.formatted(UserObjects.IN_USERS_SCHEMA, UserObjects.isNoMember("c")),
                row -> new TableName(row.getString(1), row.getString(2)));
    }

    /** Every table of the database, whatever is selected; waits for no lock. */
    public TableList tables(Connection connection, ServerCapabilities server) throws SQLException {
        List<DiscoveredAggregate> aggregates =
                List.copyOf(aggregates(connection, server).values());
        return new TableList(
                tables(connection, server, aggregates, table -> true).stream()
                        .map(TableRow::name)
                        .toList(),
                aggregates);
    }

    /** The continuous aggregates that a backup can hold, by name, in the order in which they can be created. */
    public Map<TableName, DiscoveredAggregate> aggregates(Connection connection, ServerCapabilities server)
            throws SQLException {
        return server.hasTimescale() ? new DiscoverAggregates(server).read(connection) : Map.of();
    }

    /** By their names, the hypertables that have the rows of continuous aggregates. */
    public Map<TableName, TableName> materializations(Connection connection, ServerCapabilities server)
            throws SQLException {
        Map<TableName, TableName> materializations = new HashMap<>();
        aggregates(connection, server)
                .forEach((name, aggregate) -> materializations.put(name, aggregate.materialization()));
        return materializations;
    }

    /**
     * Reads everything about the selected tables.
     *
     * @param connection its search path must be empty, so that definitions come with qualified names
     * @param server what {@link ServerCapabilities#of} said of the same database
     */
    public Inventory inventory(Connection connection, ServerCapabilities server, Predicate<TableName> selected)
            throws SQLException {
        Map<TableName, DiscoveredAggregate> aggregates = aggregates(connection, server);
        List<TableRow> rows = tables(connection, server, aggregates.values(), selected);
        Long[] oids = rows.stream().map(TableRow::oid).toArray(Long[]::new);
        Map<Long, Size> sizes = sizes(connection, oids);
        TableStructures structures = TableStructures.read(connection, oids);
        Map<TableName, DiscoverHypertables.Found> hypertables =
                server.hasTimescale() ? new DiscoverHypertables(server).read(connection, selected) : Map.of();
        Map<TableName, List<ChunkProperty>> chunkProperties = chunkProperties(connection, server, rows, hypertables);
        List<DiscoveredTable> tables = new ArrayList<>();
        for (TableRow row : rows) {
            DiscoverHypertables.Found found = hypertables.get(row.name());
            DiscoveredAggregate aggregate = aggregates.get(row.name());
            Size size = sizes.getOrDefault(row.oid(), Size.NONE);
            List<NamedDefinition> indexes = structures.indexes(row.oid());
            TableEntry structure = new TableEntry(
                    row.name(),
                    kind(row, found, aggregate),
                    row.owner(),
                    structures.columns(row.oid()),
                    structures.constraints(row.oid()),
                    aggregate == null ? indexes : DiscoverAggregates.indexes(aggregate, indexes),
                    structures.triggers(row.oid()),
                    found == null
                            ? null
                            : found.settings().withChunkProperties(chunkProperties.getOrDefault(row.name(), List.of())),
                    List.of(),
                    0,
                    RowDigest.NONE);
            tables.add(new DiscoveredTable(
                    structure,
                    aggregate == null ? row.name() : aggregate.materialization(),
                    row.oid(),
                    row.filenode(),
                    size.bytes(),
                    size.blocks(),
                    found == null ? List.of() : found.chunks()));
        }
        return new Inventory(
                new DiscoverSource().read(connection),
                server,
                Set.copyOf(Query.list(
                        connection, "SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1))),
                tables,
                aggregates.values().stream()
                        .map(DiscoveredAggregate::aggregate)
                        .filter(aggregate -> selected.test(aggregate.name()))
                        .toList(),
                sequences(connection, selected),
                DiscoverObjects.read(connection, server, oids),
                server.hasTimescale() ? DiscoverJobs.read(connection, selected) : List.of());
    }

    private static Map<TableName, List<ChunkProperty>> chunkProperties(
            Connection connection,
            ServerCapabilities server,
            List<TableRow> tables,
            Map<TableName, DiscoverHypertables.Found> hypertables)
            throws SQLException {
        Map<Long, TableName> names = new HashMap<>();
        Map<Long, TableName> hypertableOf = new HashMap<>();
        List<Long> roots = new ArrayList<>();
        List<Long> chunks = new ArrayList<>();
        for (TableRow table : tables) {
            DiscoverHypertables.Found found = hypertables.get(table.name());
            for (DiscoveredChunk chunk : found == null ? List.<DiscoveredChunk>of() : found.chunks()) {
                names.put(chunk.oid(), chunk.name());
                hypertableOf.put(chunk.oid(), table.name());
                chunks.add(chunk.oid());
                roots.add(table.oid());
            }
        }
        Map<TableName, List<DiscoveredChunkProperty>> found = new HashMap<>();
        DiscoverChunkProperties.read(
                        connection,
                        server,
                        new DiscoverChunkProperties.Pairs(chunks.toArray(Long[]::new), roots.toArray(Long[]::new)))
                .forEach(property -> found.computeIfAbsent(
                                hypertableOf.get(property.chunk()), table -> new ArrayList<>())
                        .add(property));
        Map<TableName, List<ChunkProperty>> grouped = new HashMap<>();
        found.forEach((table, properties) -> grouped.put(table, DiscoverChunkProperties.grouped(properties, names)));
        return grouped;
    }

    /**
     * In what chunks of one hypertable are not as it is.
     *
     * @param table as {@link #inventory} found it
     */
    public List<DiscoveredChunkProperty> chunkProperties(
            Connection connection, ServerCapabilities server, DiscoveredTable table) throws SQLException {
        return DiscoverChunkProperties.read(
                connection,
                server,
                new DiscoverChunkProperties.Pairs(
                        table.chunks().stream().map(DiscoveredChunk::oid).toArray(Long[]::new),
                        table.chunks().stream().map(chunk -> table.oid()).toArray(Long[]::new)));
    }

    /** Names of the indexes of one of its chunks, by what a {@link ChunkProperty} knows them by. */
    public Map<String, String> chunkIndexes(Connection connection, DiscoveredTable table, DiscoveredChunk chunk)
            throws SQLException {
        return DiscoverChunkProperties.indexes(connection, chunk.oid(), table.oid());
    }

    private static TableEntry.Kind kind(
            TableRow row, DiscoverHypertables.@Nullable Found hypertable, @Nullable DiscoveredAggregate aggregate) {
        if (aggregate != null) {
            return TableEntry.Kind.CONTINUOUS_AGGREGATE;
        }
        if (hypertable != null) {
            return TableEntry.Kind.HYPERTABLE;
        }
        return row.partitioned() ? TableEntry.Kind.PARTITIONED : TableEntry.Kind.PLAIN;
    }

    /** The chunks of every hypertable, in the order in which they were created; without the rest of the structure. */
    public Map<TableName, List<DiscoveredChunk>> chunks(Connection connection, ServerCapabilities server)
            throws SQLException {
        Map<TableName, List<DiscoveredChunk>> chunks = new LinkedHashMap<>();
        if (server.hasTimescale()) {
            new DiscoverHypertables(server)
                    .read(connection, name -> true)
                    .forEach((table, found) -> chunks.put(table, found.chunks()));
        }
        return chunks;
    }

    private record TableRow(long oid, TableName name, boolean partitioned, String owner, long filenode) {}

    /**
     * @param bytes on disk with TOAST
     * @param blocks of the main fork
     */
    private record Size(long bytes, long blocks) {
        static final Size NONE = new Size(0, 0);
    }

    /** Only of these: asking for a table's size waits for whoever has locked it exclusively. */
    private static Map<Long, Size> sizes(Connection connection, Long[] oids) throws SQLException {
        Map<Long, Size> sizes = new HashMap<>();
        Query.list(connection, """
                SELECT oid::bigint, coalesce(pg_table_size(oid), 0),
                       coalesce(pg_relation_size(oid), 0) / current_setting('block_size')::bigint
                  FROM unnest(?::oid[]) AS oid
                """, row -> sizes.put(row.getLong(1), new Size(row.getLong(2), row.getLong(3))), (Object)
                oids);
        return sizes;
    }

    private static List<TableRow> tables(
            Connection connection,
            ServerCapabilities server,
            Collection<DiscoveredAggregate> aggregates,
            Predicate<TableName> selected)
            throws SQLException {
        List<TableRow> tables = Query.list(
                connection,
                userTables(server),
                row -> new TableRow(
                        row.getLong(1),
                        new TableName(row.getString(2), row.getString(3)),
                        row.getString(4).equals("p"),
                        row.getString(5),
                        row.getLong(6)));
        Stream<TableRow> ofAggregates = aggregates.stream()
                .map(aggregate -> new TableRow(
                        aggregate.oid(), aggregate.name(), false, aggregate.owner(), aggregate.filenode()));
        return Stream.concat(tables.stream(), ofAggregates)
                .filter(table -> selected.test(table.name()))
                .sorted(Comparator.comparing(TableRow::name))
                .toList();
    }

    /** Sequences owned by a selected table, or by none, in the order of their names. */
    public List<TableName> sequenceNames(Connection connection, Predicate<TableName> selected) throws SQLException {
        return sequenceDefinitions(connection, selected).stream()
                .map(SequenceDefinition::name)
                .toList();
    }

    private record SequenceDefinition(
            TableName name, @Nullable TableName ownedBy, String text) {}

    private static List<SequenceDefinition> sequenceDefinitions(Connection connection, Predicate<TableName> selected)
            throws SQLException {
        return Query.list(
                        connection,
                        """
                        SELECT n.nspname, c.relname, tn.nspname, t.relname,
                               format('AS %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s START %%s CACHE %%s%%s',
                                      format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
                                      s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
                          FROM pg_catalog.pg_sequence s
                          JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
                          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                          LEFT JOIN pg_catalog.pg_depend d
                            ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                           AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
                          LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
                          LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
                         WHERE c.relpersistence IN ('p', 'u') AND %s AND %s
                         ORDER BY n.nspname, c.relname
                        """.formatted(UserObjects.IN_USERS_SCHEMA, UserObjects.isNoMember("c")),
                        row -> new SequenceDefinition(
                                new TableName(row.getString(1), row.getString(2)),
                                row.getString(4) == null ? null : new TableName(row.getString(3), row.getString(4)),
                                row.getString(5)))
                .stream()
                .filter(sequence -> sequence.ownedBy() == null || selected.test(sequence.ownedBy()))
                .toList();
    }

    private static List<SequenceState> sequences(Connection connection, Predicate<TableName> selected)
            throws SQLException {
        List<SequenceState> states = new ArrayList<>();
        for (SequenceDefinition sequence : sequenceDefinitions(connection, selected)) {
            states.add(Query.one(
                    connection,
                    "SELECT last_value, is_called FROM " + Identifiers.quote(sequence.name()),
                    row -> new SequenceState(
                            sequence.name(), sequence.ownedBy(), sequence.text(), row.getLong(1), row.getBoolean(2))));
        }
        return states;
    }
}

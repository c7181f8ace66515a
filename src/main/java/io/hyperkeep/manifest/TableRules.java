package io.hyperkeep.manifest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the tables and continuous aggregates of a manifest must be like. For one manifest. */
final class TableRules {
    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,19}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");

    private final Manifest manifest;
    private final Map<TableName, TableEntry> tables = new HashMap<>();

    TableRules(Manifest manifest) {
        this.manifest = manifest;
    }

    void require() throws UnreadableManifest {
        for (int i = 0; i < manifest.tables().size(); i++) {
            TableEntry table = manifest.tables().get(i);
            table("tables[" + i + "]", table);
            tables.put(table.name(), table);
        }
        Field.unique("tables", manifest.tables().stream().map(TableEntry::name));
        Field.unique(
                "tables[].units",
                manifest.tables().stream()
                        .flatMap(table -> table.units().stream())
                        .map(UnitEntry::id));
        for (int i = 0; i < manifest.aggregates().size(); i++) {
            aggregate("aggregates[" + i + "]", manifest.aggregates().get(i));
        }
        Field.unique("aggregates", manifest.aggregates().stream().map(ContinuousAggregate::name));
        for (TableEntry table : manifest.tables()) {
            if (table.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE
                    && manifest.aggregates().stream()
                            .noneMatch(aggregate -> aggregate.name().equals(table.name()))) {
                throw new UnreadableManifest("aggregates does not have " + table.name(), null);
            }
        }
    }

    private static void table(String path, TableEntry table) throws UnreadableManifest {
        Field.name(path + ".name", table.name());
        Field.name(path + ".owner", table.owner());
        Field.notNegative(path + ".rows", table.rows());
        for (int i = 0; i < table.columns().size(); i++) {
            column(path + ".columns[" + i + "]", table.columns().get(i));
        }
        Field.unique(path + ".columns", table.columns().stream().map(Column::name));
        named(path + ".constraints", table.constraints());
        named(path + ".indexes", table.indexes());
        named(path + ".triggers", table.triggers());
        boolean aggregate = table.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE;
        if (aggregate) {
            for (int i = 0; i < table.indexes().size(); i++) {
                Field.sql(
                        path + ".indexes[" + i + "].definition",
                        table.indexes().get(i).definition(),
                        SqlText::isIndex,
                        "one CREATE INDEX");
            }
        }
        boolean divided = aggregate || table.kind() == TableEntry.Kind.HYPERTABLE;
        if (divided != (table.hypertable() != null)) {
            throw new UnreadableManifest(
                    path + ".hypertable" + (divided ? " is null" : " is there") + " in a table of kind '" + table.kind()
                            + "'",
                    null);
        }
        if (table.hypertable() != null) {
            hypertable(path + ".hypertable", table.hypertable());
        }
        for (int i = 0; i < table.units().size(); i++) {
            unit(path + ".units[" + i + "]", table.units().get(i));
        }
    }

    private static void column(String path, Column column) throws UnreadableManifest {
        Field.name(path + ".name", column.name());
        Field.sql(path + ".type", column.type(), SqlText::isType, "a type");
        if (column.identity() != null) {
            Field.oneOf(path + ".identity", column.identity(), "a", "d");
        }
        if (column.generated() != null) {
            Field.oneOf(path + ".generated", column.generated(), "s", "v");
        }
    }

    private static void named(String path, List<NamedDefinition> parts) throws UnreadableManifest {
        for (int i = 0; i < parts.size(); i++) {
            Field.name(path + "[" + i + "].definition", parts.get(i).definition());
        }
    }

    private static void hypertable(String path, Hypertable hypertable) throws UnreadableManifest {
        int dimensions = hypertable.dimensions().size();
        Field.require(dimensions > 0, path + ".dimensions", "[]", "at least one dimension");
        for (int i = 0; i < dimensions; i++) {
            dimension(path + ".dimensions[" + i + "]", hypertable.dimensions().get(i));
        }
        Field.require(
                hypertable.dimensions().get(0).kind() == Dimension.Kind.RANGE,
                path + ".dimensions[0].kind",
                hypertable.dimensions().get(0).kind(),
                "RANGE, as the first dimension's is");
        Field.name(path + ".chunkSchema", hypertable.chunkSchema());
        for (int i = 0; i < hypertable.chunks().size(); i++) {
            chunk(path + ".chunks[" + i + "]", hypertable.chunks().get(i), dimensions);
        }
        Field.unique(path + ".chunks", hypertable.chunks().stream().map(ChunkEntry::chunk));
        if (hypertable.columnstore() != null) {
            columnstore(path + ".columnstore", hypertable.columnstore());
        }
        Field.names(path + ".tablespaces", hypertable.tablespaces());
        Field.names(path + ".chunkSkipping", hypertable.chunkSkipping());
    }

    private static void dimension(String path, Dimension dimension) throws UnreadableManifest {
        Field.name(path + ".column", dimension.column());
        Field.sql(path + ".columnType", dimension.columnType(), SqlText::isType, "a type");
        if (dimension.kind() == Dimension.Kind.RANGE) {
            Field.require(dimension.interval() != null, path + ".interval", dimension.interval(), "a number");
            Field.positive(path + ".interval", dimension.interval());
        } else {
            Field.require(dimension.partitions() != null, path + ".partitions", dimension.partitions(), "a number");
            Field.positive(path + ".partitions", dimension.partitions());
        }
        function(path + ".partitioningFunction", dimension.partitioningFunction());
        function(path + ".integerNow", dimension.integerNow());
    }

    private static void function(String path, Dimension.@Nullable QualifiedName function) throws UnreadableManifest {
        if (function != null) {
            Field.name(path + ".schema", function.schema());
            Field.name(path + ".name", function.name());
        }
    }

    private static void chunk(String path, ChunkEntry chunk, int dimensions) throws UnreadableManifest {
        Field.name(path + ".chunk", chunk.chunk());
        Field.require(
                chunk.slices().size() == dimensions,
                path + ".slices",
                chunk.slices().size() + " slices",
                "one for each of " + dimensions + " dimensions");
        Field.require(
                chunk.seed().isEmpty() || chunk.seed().size() == dimensions,
                path + ".seed",
                chunk.seed().size() + " values",
                "one for each of " + dimensions + " dimensions");
        for (int i = 0; i < chunk.slices().size(); i++) {
            Slice slice = chunk.slices().get(i);
            Field.require(
                    slice.start() < slice.end(), path + ".slices[" + i + "].end", slice.end(), "a number behind start");
        }
        if (chunk.storage() != null && chunk.storage().settings() != null) {
            columnstore(path + ".storage.settings", chunk.storage().settings());
        }
    }

    private static void columnstore(String path, Columnstore columnstore) throws UnreadableManifest {
        if (columnstore.segmentBy() != null) {
            Field.names(path + ".segmentBy", columnstore.segmentBy());
        }
        if (columnstore.orderBy() != null) {
            Field.names(
                    path + ".orderBy",
                    columnstore.orderBy().stream()
                            .map(Columnstore.OrderBy::column)
                            .toList());
        }
        List<Columnstore.SparseIndex> indexes =
                columnstore.sparseIndexes() == null ? List.of() : columnstore.sparseIndexes();
        for (int i = 0; i < indexes.size(); i++) {
            String index = path + ".sparseIndexes[" + i + "]";
            Field.matches(index + ".type", indexes.get(i).type(), WORD, "a word");
            Field.names(index + ".columns", indexes.get(i).columns());
        }
    }

    private static void unit(String path, UnitEntry unit) throws UnreadableManifest {
        Field.name(path + ".id", unit.id());
        Field.below(path + ".file", unit.file());
        Field.require(unit.file().startsWith("data/"), path + ".file", unit.file(), "a path below data/");
        Field.notNegative(path + ".rows", unit.rows());
        Field.notNegative(path + ".csvBytes", unit.csvBytes());
        Field.notNegative(path + ".bytes", unit.bytes());
        Field.sha256(path + ".sha256", unit.sha256());
        Field.notNegative(path + ".snapshotXmin", unit.snapshotXmin());
        if (unit.schemaHash() != null) {
            Field.sha256(path + ".schemaHash", unit.schemaHash());
        }
        Field.require(!unit.relations().isEmpty(), path + ".relations", "[]", "at least one relation");
        for (int i = 0; i < unit.relations().size(); i++) {
            String name = path + ".relations[" + i + "]";
            Relation relation = unit.relations().get(i);
            Field.name(name + ".name", relation.name());
            Field.oid(name + ".oid", relation.oid());
            if (relation.companionOid() != null) {
                Field.oid(name + ".companionOid", relation.companionOid());
            }
            Field.notNegative(name + ".rows", relation.rows());
            Field.notNegative(name + ".firstBlock", relation.firstBlock());
            Field.require(
                    relation.endBlock() == null || relation.endBlock() >= relation.firstBlock(),
                    name + ".endBlock",
                    relation.endBlock(),
                    "a block from the first one on");
        }
    }

    private void aggregate(String path, ContinuousAggregate aggregate) throws UnreadableManifest {
        Field.name(path + ".name", aggregate.name());
        TableEntry table = tables.get(aggregate.name());
        if (table == null || table.kind() != TableEntry.Kind.CONTINUOUS_AGGREGATE || table.hypertable() == null) {
            throw new UnreadableManifest(
                    path + ".name is '" + aggregate.name() + "', which is no continuous aggregate among the tables",
                    null);
        }
        Field.sql(path + ".definition", aggregate.definition(), SqlText::isQuery, "one query");
        Field.require(!aggregate.needs().isEmpty(), path + ".needs", "[]", "at least what it aggregates");
        for (int i = 0; i < aggregate.needs().size(); i++) {
            Field.name(path + ".needs[" + i + "]", aggregate.needs().get(i));
        }
        if (INTEGERS.contains(table.hypertable().dimensions().get(0).columnType())) {
            Field.matches(path + ".bucketWidth", aggregate.bucketWidth(), NUMBER, "a number");
        } else {
            Field.name(path + ".bucketWidth", aggregate.bucketWidth());
        }
        for (int i = 0; i < aggregate.pending().size(); i++) {
            TimeRange range = aggregate.pending().get(i);
            Field.require(
                    range.first() <= range.last(),
                    path + ".pending[" + i + "].last",
                    range.last(),
                    "a number from first on");
        }
    }
}

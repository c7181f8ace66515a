package io.hyperkeep.verify;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the structure of restored tables and sequences with the manifest's, object by object. Pure functions.
 *
 * <p>Definitions are PostgreSQL's own text, so they are compared as text. What may differ between versions although it
 * is the same is written in {@link SameDefinition}, rule by rule; nothing else is forgiven.
 */
public final class CompareStructure {
    private final List<Finding> findings = new ArrayList<>();
    private final Set<NotRestored> notRestored;

    private CompareStructure(Set<NotRestored> notRestored) {
        this.notRestored = notRestored;
    }

    /**
     * A part of a table that the restore was told to leave out, or had to.
     *
     * @param table the table
     * @param name the constraint, index or trigger
     */
    public record NotRestored(TableName table, String name) {}

    /**
     * Compares them.
     *
     * @param tables what the manifest says
     * @param sequences what the manifest says
     * @param found the target as it is now; what else is there does not matter
     * @param notRestored parts that must not be there
     * @return every difference
     */
    public static List<Finding> run(
            List<TableEntry> tables, List<SequenceState> sequences, Inventory found, Set<NotRestored> notRestored) {
        CompareStructure compare = new CompareStructure(notRestored);
        Map<TableName, TableEntry> there = found.tables().stream()
                .map(DiscoveredTable::structure)
                .collect(Collectors.toMap(TableEntry::name, Function.identity()));
        for (TableEntry table : tables) {
            TableEntry now = there.get(table.name());
            if (now == null) {
                compare.differ("table " + table.name(), "is missing");
            } else {
                compare.table(table, now);
            }
        }
        Map<TableName, SequenceState> states =
                found.sequences().stream().collect(Collectors.toMap(SequenceState::sequence, Function.identity()));
        for (SequenceState sequence : sequences) {
            compare.sequence(sequence, states.get(sequence.sequence()));
        }
        return List.copyOf(compare.findings);
    }

    private void differ(String on, String what) {
        findings.add(new Finding(on, what));
    }

    private void value(String on, String property, @Nullable Object expected, @Nullable Object now) {
        if (!Objects.equals(expected, now)) {
            differ(on, property + " is " + now + ", not " + expected);
        }
    }

    private void table(TableEntry table, TableEntry now) {
        String on = "table " + table.name();
        value(on, "its kind", table.kind(), now.kind());
        value(on, "its owner", table.owner(), now.owner());
        columns(on, table.columns(), now.columns());
        parts(table.name(), "constraint", table.constraints(), now.constraints());
        parts(table.name(), "index", table.indexes(), now.indexes());
        parts(table.name(), "trigger", table.triggers(), now.triggers());
        if (table.hypertable() != null && now.hypertable() != null) {
            hypertable(on, table.hypertable(), now.hypertable());
        }
    }

    private void columns(String on, List<Column> expected, List<Column> found) {
        // their order may differ, see reordered()
        value(on, "its columns", sorted(expected), sorted(found));
        Map<String, Column> now = found.stream().collect(Collectors.toMap(Column::name, Function.identity()));
        for (Column column : expected) {
            Column other = now.get(column.name());
            if (other != null && !SameDefinition.of(column, other)) {
                differ(on + ", column " + column.name(), "is " + text(other) + ", not " + text(column));
            }
        }
    }

    /**
     * Tables whose columns came out in another order, which loses nothing: pg_dump creates an inheriting table with its
     * parents' columns first, whatever their order was in the source.
     *
     * @param tables what the manifest says
     * @param found the target as it is now
     */
    public static List<TableName> reordered(List<TableEntry> tables, Inventory found) {
        Map<TableName, List<String>> now = found.tables().stream()
                .map(DiscoveredTable::structure)
                .collect(Collectors.toMap(TableEntry::name, table -> names(table.columns())));
        return tables.stream()
                .filter(table -> now.containsKey(table.name()))
                .filter(table -> !names(table.columns()).equals(now.get(table.name())))
                .map(TableEntry::name)
                .toList();
    }

    private static List<String> sorted(List<Column> columns) {
        return columns.stream().map(Column::name).sorted().toList();
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }

    private static String text(Column column) {
        return column.type()
                + (column.collation() == null ? "" : " COLLATE " + column.collation())
                + (column.notNull() ? " NOT NULL" : "")
                + (column.identity() == null ? "" : " IDENTITY " + column.identity())
                + (column.generated() == null ? "" : " GENERATED " + column.generated())
                + (column.defaultExpression() == null ? "" : " DEFAULT " + column.defaultExpression());
    }

    private void parts(TableName table, String kind, List<NamedDefinition> expected, List<NamedDefinition> found) {
        Map<String, String> now = byName(found);
        for (NamedDefinition part : expected) {
            String on = "table " + table + ", " + kind + " " + part.name();
            String other = now.remove(part.name());
            if (other == null) {
                if (!notRestored.contains(new NotRestored(table, part.name()))) {
                    differ(on, "is missing");
                }
            } else if (!SameDefinition.of(part.definition(), other)) {
                differ(on, "is " + other + ", not " + part.definition());
            }
        }
        now.forEach((name, definition) ->
                differ("table " + table + ", " + kind + " " + name, "is " + definition + ", not in the backup"));
    }

    private static Map<String, String> byName(List<NamedDefinition> definitions) {
        Map<String, String> byName = new LinkedHashMap<>();
        definitions.forEach(definition -> byName.put(definition.name(), definition.definition()));
        return byName;
    }

    private void hypertable(String on, Hypertable expected, Hypertable now) {
        if (!expected.dimensions().equals(now.dimensions())) {
            differ(on, "its dimensions are " + now.dimensions() + ", not " + expected.dimensions());
        }
        value(on, "its chunks' schema", expected.chunkSchema(), now.chunkSchema());
        // the default prefix holds the hypertable's number in its database
        if (!expected.chunkPrefix().matches("_hyper_\\d+")) {
            value(on, "its chunks' prefix", expected.chunkPrefix(), now.chunkPrefix());
        }
    }

    private void sequence(SequenceState expected, @Nullable SequenceState now) {
        String on = "sequence " + expected.sequence();
        if (now == null) {
            differ(on, "is missing");
            return;
        }
        value(on, "its owning table", expected.ownedBy(), now.ownedBy());
        value(on, "its definition", expected.definition(), now.definition());
        value(on, "its last value", expected.lastValue(), now.lastValue());
        value(on, "whether that was handed out", expected.called(), now.called());
    }
}

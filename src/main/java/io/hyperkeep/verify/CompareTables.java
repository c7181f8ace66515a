package io.hyperkeep.verify;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tables: their columns, constraints, indexes and triggers, and what makes a hypertable one. */
final class CompareTables implements Comparer {
    @Override
    public List<Finding> compare(Expected expected, Inventory found) {
        Map<TableName, TableEntry> there = found.tables().stream()
                .map(DiscoveredTable::structure)
                .collect(Collectors.toMap(TableEntry::name, Function.identity()));
        List<Finding> findings = new ArrayList<>();
        for (TableEntry table : expected.tables()) {
            TableEntry now = there.get(table.name());
            if (now == null) {
                findings.add(Finding.missing(on(table.name())));
            } else {
                new OneTable(findings, expected.notRestored(), table, now).compare();
            }
        }
        if (expected.noOtherTables()) {
            Set<TableName> known =
                    expected.manifest().tables().stream().map(TableEntry::name).collect(Collectors.toSet());
            there.keySet().stream()
                    .filter(name -> !known.contains(name))
                    .sorted()
                    .forEach(name -> findings.add(new Finding(on(name), "is not in the backup")));
        }
        return findings;
    }

    private static String on(TableName table) {
        return "table " + table;
    }

    private static final class OneTable {
        private final List<Finding> findings;
        private final Set<NotRestored> notRestored;
        private final TableEntry table;
        private final TableEntry now;
        private final String on;

        OneTable(List<Finding> findings, Set<NotRestored> notRestored, TableEntry table, TableEntry now) {
            this.findings = findings;
            this.notRestored = notRestored;
            this.table = table;
            this.now = now;
            this.on = on(table.name());
        }

        void compare() {
            value("kind", table.kind(), now.kind());
            value("owner", table.owner(), now.owner());
            columns();
            parts("constraint", table.constraints(), now.constraints());
            parts("index", table.indexes(), now.indexes());
            parts("trigger", table.triggers(), now.triggers());
            if (table.hypertable() != null && now.hypertable() != null) {
                hypertable(table.hypertable(), now.hypertable());
            }
        }

        private void value(String property, @Nullable Object expected, @Nullable Object found) {
            Finding.ifDifferent(findings, on, property, expected, found);
        }

        private void differ(String part, String expected, String found) {
            findings.add(new Finding(on + ", " + part, "is " + found + ", not " + expected, expected, found));
        }

        private void columns() {
            Map<String, Column> there =
                    now.columns().stream().collect(Collectors.toMap(Column::name, Function.identity()));
            // their order may differ, see CompareStructure.reordered()
            for (Column column : table.columns()) {
                Column other = there.remove(column.name());
                if (other == null) {
                    findings.add(Finding.missing(on + ", column " + column.name()));
                } else if (!SameDefinition.of(column, other)) {
                    differ("column " + column.name(), text(column), text(other));
                }
            }
            now.columns().stream()
                    .filter(column -> there.containsKey(column.name()))
                    .forEach(column -> extra("column " + column.name(), text(column)));
        }

        private void extra(String part, String definition) {
            findings.add(new Finding(on + ", " + part, "is " + definition + ", not in the backup", null, definition));
        }

        private static String text(Column column) {
            return column.type()
                    + (column.collation() == null ? "" : " COLLATE " + column.collation())
                    + (column.notNull() ? " NOT NULL" : "")
                    + (column.identity() == null ? "" : " IDENTITY " + column.identity())
                    + (column.generated() == null ? "" : " GENERATED " + column.generated())
                    + (column.defaultExpression() == null ? "" : " DEFAULT " + column.defaultExpression());
        }

        private void parts(String kind, List<NamedDefinition> expected, List<NamedDefinition> found) {
            Map<String, String> there = new LinkedHashMap<>();
            found.forEach(part -> there.put(part.name(), part.definition()));
            for (NamedDefinition part : expected) {
                String other = there.remove(part.name());
                if (other == null) {
                    if (!notRestored.contains(new NotRestored(table.name(), part.name()))) {
                        findings.add(Finding.missing(on + ", " + kind + " " + part.name()));
                    }
                } else if (!SameDefinition.of(part.definition(), other)) {
                    differ(kind + " " + part.name(), part.definition(), other);
                }
            }
            there.forEach((name, definition) -> extra(kind + " " + name, definition));
        }

        private void hypertable(Hypertable expected, Hypertable found) {
            value("dimensions", expected.dimensions(), found.dimensions());
            value("chunks' schema", expected.chunkSchema(), found.chunkSchema());
            // the default prefix holds the hypertable's number in its database
            if (!expected.chunkPrefix().matches("_hyper_\\d+")) {
                value("chunks' prefix", expected.chunkPrefix(), found.chunkPrefix());
            }
        }
    }
}

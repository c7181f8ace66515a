package io.hyperkeep.verify;

import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.verify.PrintedTwice.Sort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
        /** When a trigger fires, after its definition. */
        private static final Pattern STATE = Pattern.compile("(.*?)( \\[[A-Z]])?", Pattern.DOTALL);

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
            parts(Sort.CONSTRAINT, table.constraints(), now.constraints());
            parts(Sort.INDEX, table.indexes(), now.indexes());
            parts(Sort.TRIGGER, table.triggers(), now.triggers());
            if (table.hypertable() != null && now.hypertable() != null) {
                hypertable(table.hypertable(), now.hypertable());
            }
        }

        private void value(String property, @Nullable Object expected, @Nullable Object found) {
            Finding.ifDifferent(findings, on, property, expected, found);
        }

        private void differ(String part, String expected, String found, @Nullable PrintedTwice definition) {
            findings.add(
                    new Finding(on + ", " + part, "is " + found + ", not " + expected, expected, found, definition));
        }

        private @Nullable PrintedTwice printed(Sort sort, String part, String backup, String there) {
            return new PrintedTwice(
                    sort, table.name(), new TableName(table.name().schema(), part), backup, there);
        }

        private void columns() {
            Map<String, Column> there =
                    now.columns().stream().collect(Collectors.toMap(Column::name, Function.identity()));
            // their order may differ, see CompareStructure.reordered()
            for (Column column : table.columns()) {
                Column other = there.remove(column.name());
                if (other == null) {
                    findings.add(Finding.missing(on + ", column " + column.name()));
                } else if (!column.equals(other)) {
                    differ("column " + column.name(), text(column), text(other), expressions(column, other));
                }
            }
            now.columns().stream()
                    .filter(column -> there.containsKey(column.name()))
                    .forEach(column -> extra("column " + column.name(), text(column)));
        }

        /** What they are computed by, where that is all that differs. */
        private @Nullable PrintedTwice expressions(Column column, Column other) {
            String expected = column.defaultExpression();
            String found = other.defaultExpression();
            return expected != null
                            && found != null
                            && column.withDefault(found).equals(other)
                    ? printed(Sort.EXPRESSION, column.name(), expected, found)
                    : null;
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

        private void parts(Sort sort, List<NamedDefinition> expected, List<NamedDefinition> found) {
            String kind = sort.name().toLowerCase(Locale.ROOT);
            Map<String, String> there = new LinkedHashMap<>();
            found.forEach(part -> there.put(part.name(), part.definition()));
            List<NamedDefinition> unnamed = new ArrayList<>();
            for (NamedDefinition part : expected) {
                String other = there.remove(part.name());
                if (other == null) {
                    other = numbered(part, there);
                }
                if (other == null && isUnnamed(part)) {
                    unnamed.add(part);
                } else if (other == null) {
                    if (!notRestored.contains(new NotRestored(table.name(), part.name()))) {
                        findings.add(Finding.missing(on + ", " + kind + " " + part.name()));
                    }
                } else if (!part.definition().equals(other)) {
                    differ(kind + " " + part.name(), part.definition(), other, texts(sort, part, other));
                }
            }
            for (NamedDefinition part : unnamed) {
                String name = there.keySet().stream()
                        .filter(other -> isUnnamed(new NamedDefinition(other, there.get(other))))
                        .findFirst()
                        .orElse(null);
                if (name == null) {
                    findings.add(Finding.missing(on + ", " + kind + " " + part.name()));
                } else {
                    String other = there.remove(name);
                    differ(kind + " " + part.name(), part.definition(), other, texts(sort, part, other));
                }
            }
            there.forEach((name, definition) -> extra(kind + " " + name, definition));
        }

        /** An index of an aggregate that is called by its hypertable's number: here it goes by its own definition. */
        private static boolean isUnnamed(NamedDefinition part) {
            return part.definition().endsWith(" USING " + part.name());
        }

        private @Nullable PrintedTwice texts(Sort sort, NamedDefinition part, String other) {
            Matcher backup = STATE.matcher(part.definition());
            Matcher there = STATE.matcher(other);
            boolean comparable = backup.matches()
                    && there.matches()
                    && Objects.equals(backup.group(2), there.group(2))
                    // it computes nothing, and a temporary table can have none
                    && !part.definition().startsWith("FOREIGN KEY ");
            return comparable ? printed(sort, part.name(), backup.group(1), there.group(1)) : null;
        }

        /** Earlier versions did not note that PostgreSQL had numbered the name of an aggregate's index. */
        private static @Nullable String numbered(NamedDefinition part, Map<String, String> there) {
            if (part.name().startsWith(NamedDefinition.MATERIALIZATION)) {
                return null;
            }
            return there.entrySet().stream()
                    .filter(found -> found.getKey().startsWith(NamedDefinition.MATERIALIZATION)
                            && Character.isDigit(
                                    found.getKey().charAt(found.getKey().length() - 1))
                            && part.definition().equals(found.getValue()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .map(there::remove)
                    .orElse(null);
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

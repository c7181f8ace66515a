package io.hyperkeep.verify;

import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything of the schema that is there as {@link SchemaObject}s: owners, rights, comments, settings of tables and
 * columns, policies, rules, statistics objects, publications, views, functions, types and so on, facet by facet.
 */
final class CompareObjects implements Comparer {
    /** Who tells that these are missing is another comparer; here are only facets that most of them do not have. */
    private static final Set<String> NAMED_ELSEWHERE =
            Set.of("table", "column", "constraint", "index", "trigger", "sequence");

    @Override
    public List<Finding> compare(Expected expected, Inventory found) {
        return expected.manifest().objects() == null ? List.of() : new OneDatabase(expected, found).compare();
    }

    private record Key(
            String kind,
            @Nullable String schema,
            String name,
            @Nullable TableName table) {
        static Key of(SchemaObject object) {
            return new Key(object.kind(), object.schema(), object.name(), object.table());
        }
    }

    private static final class OneDatabase {
        private final List<Finding> findings = new ArrayList<>();
        private final Expected expected;
        private final Map<Key, SchemaObject> there = new LinkedHashMap<>();
        private final Set<TableName> tables;
        private final Set<TableName> tablesThere;

        OneDatabase(Expected expected, Inventory found) {
            this.expected = expected;
            this.tables = expected.tables().stream().map(TableEntry::name).collect(Collectors.toSet());
            this.tablesThere =
                    found.tables().stream().map(table -> table.name()).collect(Collectors.toSet());
            found.objects().forEach(object -> there.put(Key.of(object), object));
        }

        List<Finding> compare() {
            Set<Key> inBackup = new HashSet<>();
            List<SchemaObject> known = expected.manifest().objects();
            if (known != null) {
                known.forEach(object -> inBackup.add(Key.of(object)));
            }
            for (SchemaObject object : expected.objects()) {
                inBackup.add(Key.of(object));
                TableName table = object.table();
                if (table == null || tablesThere.contains(table) && !isLeftOut(object, table)) {
                    compare(object, there.get(Key.of(object)));
                }
            }
            for (SchemaObject object : there.values()) {
                if (!inBackup.contains(Key.of(object)) && mustNotBeThere(object)) {
                    extra(object);
                }
            }
            return findings;
        }

        private boolean isLeftOut(SchemaObject part, TableName table) {
            return expected.notRestored().contains(new NotRestored(table, part.name()));
        }

        private boolean mustNotBeThere(SchemaObject object) {
            return object.table() == null ? expected.noOtherObjects() : tables.contains(object.table());
        }

        private void compare(SchemaObject object, @Nullable SchemaObject now) {
            boolean elsewhere = isNamedElsewhere(object);
            if (now == null && !elsewhere) {
                findings.add(Finding.missing(object.label()));
            } else if (now != null || !object.kind().equals("sequence")) {
                facets(object.label(), object.facets(), now == null ? Map.of() : now.facets());
            }
        }

        private void extra(SchemaObject object) {
            if (isNamedElsewhere(object)) {
                facets(object.label(), Map.of(), object.facets());
            } else {
                findings.add(new Finding(object.label(), "is not in the backup"));
            }
        }

        private static boolean isNamedElsewhere(SchemaObject object) {
            return NAMED_ELSEWHERE.contains(object.kind())
                    && (object.table() != null || object.kind().equals("sequence"));
        }

        private void facets(String on, Map<String, String> backup, Map<String, String> now) {
            Set<String> names = new TreeSet<>(backup.keySet());
            names.addAll(now.keySet());
            for (String facet : names) {
                Finding.ifDifferent(findings, on, facet, backup.get(facet), now.get(facet));
            }
        }
    }
}

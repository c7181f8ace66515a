package io.hyperkeep.verify;

import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.verify.PrintedTwice.Sort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** Facets that are definitions, which a server may print in more than one way. */
    private static final Map<String, Sort> SORTS = Map.ofEntries(
            Map.entry("policy condition", Sort.EXPRESSION),
            Map.entry("policy check", Sort.EXPRESSION),
            Map.entry("publication row filter", Sort.EXPRESSION),
            Map.entry("table partition key", Sort.PARTITION_KEY),
            Map.entry("rule definition", Sort.RULE),
            Map.entry("trigger definition", Sort.TRIGGER),
            Map.entry("index definition", Sort.INDEX),
            Map.entry("statistics definition", Sort.STATISTICS),
            Map.entry("view definition", Sort.QUERY),
            Map.entry("materialized view definition", Sort.QUERY),
            Map.entry("function definition", Sort.ROUTINE),
            Map.entry("procedure definition", Sort.ROUTINE),
            Map.entry("domain base type", Sort.DOMAIN),
            Map.entry("domain constraints", Sort.DOMAIN_CONSTRAINTS));

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
            if (expected.manifest().source().timescale() != null) {
                // backups of earlier versions name it as a part of the source only
                inBackup.add(new Key("extension", null, "timescaledb", null));
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
                facets(object, object.facets(), now == null ? Map.of() : now.facets());
            }
        }

        private void extra(SchemaObject object) {
            if (isNamedElsewhere(object)) {
                facets(object, Map.of(), object.facets());
            } else {
                findings.add(new Finding(object.label(), "is not in the backup"));
            }
        }

        private static boolean isNamedElsewhere(SchemaObject object) {
            return NAMED_ELSEWHERE.contains(object.kind())
                    && (object.table() != null || object.kind().equals("sequence"));
        }

        private void facets(SchemaObject object, Map<String, String> backup, Map<String, String> now) {
            Set<String> names = new TreeSet<>(backup.keySet());
            names.addAll(now.keySet());
            for (String facet : names) {
                String expected = backup.get(facet);
                String found = now.get(facet);
                if (!Objects.equals(expected, found)) {
                    findings.add(Finding.differs(object.label(), facet, expected, found)
                            .of(expected == null || found == null ? null : printed(object, facet, expected, found)));
                }
            }
        }

        private @Nullable PrintedTwice printed(SchemaObject object, String facet, String expected, String found) {
            Sort sort = SORTS.get(object.kind() + " " + facet);
            TableName name = name(object);
            if (sort == null) {
                return null;
            }
            TableName relation = object.table() == null ? view(object) : object.table();
            return new PrintedTwice(sort, relation, name, expected, found);
        }

        private static TableName name(SchemaObject object) {
            String name = object.name();
            boolean routine = object.kind().equals("function") || object.kind().equals("procedure");
            return new TableName(
                    Objects.requireNonNullElse(object.schema(), ""),
                    routine ? name.substring(0, SchemaObject.argumentsIn(name)) : name);
        }

        /** The view whose trigger or rule it is: the first part of its name that is the name of one. */
        private @Nullable TableName view(SchemaObject part) {
            String name = part.name();
            if (!part.kind().equals("trigger") && !part.kind().equals("rule")) {
                return null;
            }
            for (int space = name.indexOf(' '); space >= 0; space = name.indexOf(' ', space + 1)) {
                String view = name.substring(0, space);
                if (there.containsKey(new Key("view", part.schema(), view, null))
                        || there.containsKey(new Key("continuous aggregate", part.schema(), view, null))) {
                    return new TableName(Objects.requireNonNull(part.schema()), view);
                }
            }
            return null;
        }
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.database.Closest;
import io.hyperkeep.discovery.RestoreLedgers;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Alterations.Rename;
import io.hyperkeep.schema.NewNames;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides what everything is called in the target. A pure function.
 *
 * <p>A table that gets another name in its own schema takes along what shares the schema's names with it: its indexes,
 * the sequences and statistics objects that it owns. {@code metrics_pkey} of {@code metrics} becomes {@code
 * kept_pkey} of {@code kept}; a name that does not begin with the table's gets the new one in front. Everything else of
 * a table (checks, foreign keys, triggers, policies) has its name for itself and keeps it.
 */
final class PlanNames {
    private static final int LONGEST = 63;
    private static final Set<String> ROUTINES = Set.of("FUNCTION", "PROCEDURE", "AGGREGATE");
    private static final Set<String> WITHOUT_NAME = Set.of(
            "ACL",
            "COMMENT",
            "SECURITY LABEL",
            "CONSTRAINT",
            "FK CONSTRAINT",
            "CHECK CONSTRAINT",
            "TRIGGER",
            "RULE",
            "POLICY",
            "ROW SECURITY",
            "DEFAULT",
            "SEQUENCE OWNED BY",
            "PUBLICATION TABLE",
            "DEFAULT ACL");

    private final Manifest manifest;
    private final Alterations alterations;
    private final Map<TableName, TableName> objects = new TreeMap<>();
    private final Map<TableName, TableName> routines = new TreeMap<>();
    private final Map<TableName, Set<String>> indexConstraints = new HashMap<>();

    private PlanNames(Manifest manifest, Alterations alterations) {
        this.manifest = manifest;
        this.alterations = alterations;
    }

    /**
     * @param selected the tables to restore
     * @throws BackupException USAGE when a name is unknown, not selected, given twice, or taken
     */
    static TargetNames run(Manifest manifest, List<TableEntry> selected, Alterations alterations) {
        if (alterations.renames().isEmpty() && alterations.schemas().isEmpty()) {
            return TargetNames.SAME;
        }
        return new PlanNames(manifest, alterations).names(selected);
    }

    private TargetNames names(List<TableEntry> selected) {
        Map<TableName, TableName> tables =
                renames(selected.stream().map(TableEntry::name).collect(Collectors.toCollection(TreeSet::new)));
        schemas();
        for (TableEntry table : manifest.tables()) {
            TableName name = table.name();
            TableName other = tables.getOrDefault(name, inSchema(name));
            if (!other.equals(name)) {
                objects.put(name, other);
                parts(table, other);
            }
        }
        requireOneEach(selected);
        return new TargetNames(new NewNames(objects, routines, alterations.schemas(), indexConstraints));
    }

    private Map<TableName, TableName> renames(Set<TableName> selected) {
        Map<TableName, TableName> renames = new HashMap<>();
        Set<TableName> known = manifest.tables().stream().map(TableEntry::name).collect(Collectors.toSet());
        for (Rename rename : alterations.renames()) {
            String option = "--rename " + rename;
            if (!known.contains(rename.from())) {
                String near =
                        Closest.to(rename.from().toString(), known.stream().map(TableName::toString));
                throw refused(
                        option + ": backup " + manifest.id() + " has no table " + rename.from(),
                        near == null ? "`hyperkeep show` lists its tables" : "did you mean " + near + "?");
            }
            if (!selected.contains(rename.from())) {
                throw refused(option + ": table " + rename.from() + " is not selected", "see --include and --exclude");
            }
            if (rename.from().equals(rename.to())) {
                throw refused(option + ": that is its name already", "leave the option out");
            }
            requireForUsers(option, rename.to().schema());
            if (renames.putIfAbsent(rename.from(), rename.to()) != null) {
                throw refused("--rename is given twice for table " + rename.from(), "a table has one name");
            }
        }
        for (Rename rename : alterations.renames()) {
            if (renames.containsKey(rename.to())) {
                throw refused(
                        "--rename " + rename + ": table " + rename.to() + " is renamed itself, to "
                                + renames.get(rename.to()),
                        "names can not be handed on in one restore: take other ones, and rename once more afterwards");
            }
        }
        return renames;
    }

    private void schemas() {
        Set<String> known = Stream.concat(
                        manifest.schema().entries().stream().map(SchemaEntry::schema),
                        manifest.tables().stream().map(table -> table.name().schema()))
                .filter(java.util.Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
        for (Map.Entry<String, String> map : new TreeMap<>(alterations.schemas()).entrySet()) {
            String option = "--schema-map " + map.getKey() + "=" + map.getValue();
            if (!known.contains(map.getKey())) {
                String near = Closest.to(map.getKey(), known.stream());
                throw refused(
                        option + ": backup " + manifest.id() + " has nothing in a schema " + map.getKey(),
                        near == null ? "it has the schemas " + String.join(", ", known) : "did you mean " + near + "?");
            }
            if (map.getKey().equals(map.getValue())) {
                throw refused(option + ": that is its name already", "leave the option out");
            }
            if (!createsSchema(map.getKey())) {
                requireForUsers(option, map.getKey());
            }
            requireForUsers(option, map.getValue());
            if (alterations.schemas().containsKey(map.getValue())) {
                throw refused(
                        option + ": schema " + map.getValue() + " is mapped itself, to "
                                + alterations.schemas().get(map.getValue()),
                        "names can not be handed on in one restore: take other ones, and rename once more afterwards");
            }
        }
        for (SchemaEntry entry : manifest.schema().entries()) {
            if (entry.schema() == null
                    || !alterations.schemas().containsKey(entry.schema())
                    || WITHOUT_NAME.contains(entry.type())) {
                continue;
            }
            boolean routine = ROUTINES.contains(entry.type());
            TableName name = new TableName(
                    entry.schema(),
                    routine ? entry.name().substring(0, SchemaObject.argumentsIn(entry.name())) : entry.name());
            (routine ? routines : objects).put(name, inSchema(name));
        }
        multiranges();
    }

    /** They come with their range, so that the dump has no entry for them; the manifest names them at the range's end. */
    private void multiranges() {
        List<SchemaObject> all = manifest.objects() == null ? List.of() : manifest.objects();
        for (SchemaObject object : all) {
            String range = object.facets().get("range");
            if (object.kind().equals("type") && range != null) {
                List<String> name = ReadAlterations.parts(range.substring(range.lastIndexOf(' ') + 1));
                if (name.size() == 2 && alterations.schemas().containsKey(name.get(0))) {
                    TableName multirange = new TableName(name.get(0), name.get(1));
                    objects.put(multirange, inSchema(multirange));
                }
            }
        }
    }

    private TableName inSchema(TableName name) {
        return new TableName(alterations.schemas().getOrDefault(name.schema(), name.schema()), name.name());
    }

    private void parts(TableEntry table, TableName other) {
        TableName name = table.name();
        table.indexes().forEach(index -> part(new TableName(name.schema(), index.name()), name, other));
        Set<String> constraints = table.constraints().stream()
                .filter(PlanNames::hasIndex)
                .map(NamedDefinition::name)
                .collect(Collectors.toSet());
        constraints.forEach(constraint -> part(new TableName(name.schema(), constraint), name, other));
        indexConstraints.put(name, constraints);
        manifest.sequences().stream()
                .filter(sequence -> name.equals(sequence.ownedBy()))
                .map(SequenceState::sequence)
                .forEach(sequence -> part(sequence, name, other));
        manifest.schema().entries().stream()
                .filter(entry -> entry.type().equals("STATISTICS") && name.equals(entry.table()))
                .forEach(entry -> part(new TableName(String.valueOf(entry.schema()), entry.name()), name, other));
    }

    private static boolean hasIndex(NamedDefinition constraint) {
        return Stream.of("PRIMARY KEY", "UNIQUE", "EXCLUDE").anyMatch(constraint.definition()::startsWith);
    }

    private void part(TableName part, TableName table, TableName other) {
        if (!part.schema().equals(table.schema())) {
            return; // statistics in a schema of their own, mapped as that is
        }
        String name = part.name();
        if (table.schema().equals(other.schema())) {
            boolean named = name.startsWith(table.name());
            name = shortened(named ? other.name() + name.substring(table.name().length()) : other.name() + "_" + name);
        }
        objects.put(part, new TableName(other.schema(), name));
    }

    /** PostgreSQL would cut a longer name itself, without seeing to it that it stays one of a kind. */
    private static String shortened(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length <= LONGEST) {
            return name;
        }
        String mark = String.format("_%08x", name.hashCode());
        StringBuilder cut = new StringBuilder(name);
        while (cut.toString().getBytes(StandardCharsets.UTF_8).length + mark.length() > LONGEST) {
            cut.setLength(cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut + mark;
    }

    /** No two relations of the target have one name, and none has the old name of another one that is renamed. */
    private void requireOneEach(List<TableEntry> selected) {
        Set<TableName> tables = selected.stream().map(TableEntry::name).collect(Collectors.toSet());
        Map<TableName, TableName> taken = new HashMap<>();
        Stream<TableName> relations = Stream.concat(tables.stream(), objects.keySet().stream());
        for (TableName relation : relations.distinct().sorted().toList()) {
            TableName target = objects.getOrDefault(relation, relation);
            TableName other = taken.putIfAbsent(target, relation);
            if (other != null) {
                throw refused(
                        other + " and " + relation + " would both be " + target + " in the target",
                        "give one of them another name with --rename");
            }
            if (!target.equals(relation) && objects.containsKey(target)) {
                throw refused(
                        relation + " would be " + target + " in the target, which is renamed itself, to "
                                + objects.get(target),
                        "names can not be handed on in one restore: take other ones, and rename once more afterwards");
            }
        }
    }

    /** Whatever it is called: a schema that the backup creates is a user's. */
    private boolean createsSchema(String schema) {
        return manifest.schema().entries().stream()
                .anyMatch(entry -> entry.type().equals("SCHEMA") && entry.name().equals(schema));
    }

    private static void requireForUsers(String option, String schema) {
        if (schema.startsWith("pg_")
                || schema.startsWith("_timescaledb_")
                || schema.startsWith("timescaledb_")
                || schema.equals("information_schema")
                || schema.equals(RestoreLedgers.SCHEMA)) {
            throw refused(
                    option + ": schema " + schema + " is not for tables of users", "take a schema of another name");
        }
    }

    private static BackupException refused(String what, String hint) {
        return new BackupException(Problem.USAGE, what, hint);
    }
}

package io.hyperkeep.schema;

import io.hyperkeep.manifest.TableName;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Objects of a backup that are called otherwise in the target; what is not here keeps its name.
 *
 * @param objects tables, views, sequences, indexes, statistics objects, types, operators and all else that is no routine
 * @param routines functions, procedures and aggregates, without their arguments
 * @param schemas schemas that are mapped as a whole
 * @param indexConstraints constraints of renamed tables that have an index of their own, by the table's old name: they
 *     are called as their index
 */
public record NewNames(
        Map<TableName, TableName> objects,
        Map<TableName, TableName> routines,
        Map<String, String> schemas,
        Map<TableName, Set<String>> indexConstraints) {
    /** Every name stays as it is. */
    public static final NewNames NONE = new NewNames(Map.of(), Map.of(), Map.of(), Map.of());

    public NewNames {
        objects = Map.copyOf(objects);
        routines = Map.copyOf(routines);
        schemas = Map.copyOf(schemas);
        indexConstraints = Map.copyOf(indexConstraints);
    }

    /** Whether no name changes. */
    public boolean isEmpty() {
        return objects.isEmpty() && routines.isEmpty() && schemas.isEmpty();
    }

    /** The same as the schema files have them: one character for each byte. */
    NewNames latin() {
        Map<String, String> latinSchemas = new HashMap<>();
        schemas.forEach((from, to) -> latinSchemas.put(Latin.bytes(from), Latin.bytes(to)));
        Map<TableName, Set<String>> latinConstraints = new HashMap<>();
        indexConstraints.forEach((table, names) -> latinConstraints.put(
                latin(table), Set.copyOf(names.stream().map(Latin::bytes).toList())));
        return new NewNames(latin(objects), latin(routines), latinSchemas, latinConstraints);
    }

    private static Map<TableName, TableName> latin(Map<TableName, TableName> names) {
        Map<TableName, TableName> latin = new HashMap<>();
        names.forEach((from, to) -> latin.put(latin(from), latin(to)));
        return latin;
    }

    private static TableName latin(TableName name) {
        return new TableName(Latin.bytes(name.schema()), Latin.bytes(name.name()));
    }
}

package io.hyperkeep.manifest;

import java.util.Comparator;

/**
 * A table's real name, unquoted.
 *
 * @param schema the schema's name as the catalog has it
 * @param name the relation's name as the catalog has it
 */
public record TableName(String schema, String name) implements Comparable<TableName> {
    private static final Comparator<TableName> ORDER =
            Comparator.comparing(TableName::schema).thenComparing(TableName::name);

    @Override
    public int compareTo(TableName other) {
        return ORDER.compare(this, other);
    }

    /** For people and for patterns; not SQL, as it quotes nothing. */
    @Override
    public String toString() {
        return schema + "." + name;
    }
}

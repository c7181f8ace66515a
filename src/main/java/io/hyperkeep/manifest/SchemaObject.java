package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something of the schema as data, so that a restored database can be compared with it: a view, a function, a policy,
 * what there is to say of a table or a column beside its definition.
 *
 * @param kind what it is, in lower case and PostgreSQL's words, e.g. {@code view}, {@code policy}, {@code column}
 * @param schema its schema where it is no part of a table, else null
 * @param name its name, unique among those of its kind, schema and table; empty for the table itself; of what is no part
 *     of a table, it begins with what {@code pg_dump} calls it
 * @param table the table that it is a part of, or null
 * @param facets what it is like, by the facet's name; what is not set, or is PostgreSQL's default, is left out. Equal
 *     text means the same, whatever the server's version; a definition of other text may mean the same, too
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SchemaObject(
        String kind,
        @Nullable String schema,
        @JsonInclude String name,
        @Nullable TableName table,
        Map<String, String> facets) {
    public SchemaObject {
        facets = facets == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(facets));
    }

    /**
     * Whether it is among some entries of a schema dump, as far as the dump's table of contents tells: it knows neither an
     * operator's types nor whose default privileges are meant. The schema {@code public} is in every database.
     *
     * @param labels of the entries, as {@link SchemaEntry#label()} has them
     */
    public boolean isAmong(Set<String> labels) {
        if (table != null || kind.equals("schema") && name.equals("public")) {
            return true;
        }
        // the table of contents has a space for each line feed of a name
        String label = label().substring(kind.length()).replace('\n', ' ').replace('\r', ' ');
        String type = kind.toUpperCase(Locale.ROOT);
        if (kind.equals("cast")) {
            // a cast is in no schema
            return labels.contains(type + " " + name.replace('\n', ' ').replace('\r', ' '));
        }
        int detail = label.lastIndexOf(" (");
        return labels.contains(type + label) || detail > 0 && labels.contains(type + label.substring(0, detail));
    }

    /**
     * Where the arguments begin in a routine's name as pg_dump and the manifest have it: at the parenthesis that belongs to
     * the one at its end, as the name itself may hold some.
     */
    public static int argumentsIn(String routine) {
        int depth = 0;
        for (int i = routine.length() - 1; i >= 0 && routine.endsWith(")"); i--) {
            depth += routine.charAt(i) == ')' ? 1 : routine.charAt(i) == '(' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return routine.length();
    }

    /** For messages: {@code view app.v_metrics}, {@code table app.metrics, policy mine}. */
    public String label() {
        if (table == null) {
            return kind + " " + (schema == null ? "" : schema + ".") + name;
        }
        return "table " + table + (name.isEmpty() ? "" : ", " + kind + " " + name);
    }
}

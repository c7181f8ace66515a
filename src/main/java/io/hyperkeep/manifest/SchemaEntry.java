package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One object of the schema dump, and where its statements are.
 *
 * @param id its number in the archive's table of contents; unique within the backup
 * @param type what {@code pg_dump} calls it, e.g. {@code TABLE}, {@code FK CONSTRAINT}, or {@link #AGGREGATE}
 * @param schema its schema, or null when it has none
 * @param name its tag, e.g. {@code metrics} or {@code metrics metrics_pkey}
 * @param owner the owning role, or null
 * @param section which file holds it
 * @param offset first byte of its statements in that file
 * @param length their length in bytes
 * @param table the table that it belongs to (itself for a TABLE or an aggregate), or null: when that table is not selected, neither
 *     is this
 * @param needs ids of the entries that must exist before this one, directly
 */
public record SchemaEntry(
        int id,
        String type,
        @Nullable String schema,
        String name,
        @Nullable String owner,
        Section section,
        long offset,
        int length,
        @Nullable TableName table,
        List<Integer> needs) {
    /** The type of a continuous aggregate, which to {@code pg_dump} is a view; its entry has no statement. */
    public static final String AGGREGATE = "CONTINUOUS AGGREGATE";

    public SchemaEntry {
        needs = List.copyOf(needs);
    }

    /** The same entry, at this place of its file. */
    public SchemaEntry at(long newOffset, int newLength) {
        return new SchemaEntry(id, type, schema, name, owner, section, newOffset, newLength, table, needs);
    }

    /** Whether it is a table of the backup itself, and not what belongs to one. */
    @JsonIgnore
    public boolean definesTable() {
        return table != null && (type.equals("TABLE") || type.equals(AGGREGATE));
    }

    /** For messages: {@code VIEW app.v_metrics}. */
    @JsonIgnore
    public String label() {
        return type + " " + (schema == null ? "" : schema + ".") + name;
    }

    /** When a restore runs it. */
    public enum Section {
        /** Before any data: {@code schema/pre-data.sql}. */
        PRE_DATA,
        /** After the continuous aggregates were created, and before any data: {@code schema/late.sql}. */
        LATE,
        /** After all data: {@code schema/post-data.sql}. */
        POST_DATA
    }
}

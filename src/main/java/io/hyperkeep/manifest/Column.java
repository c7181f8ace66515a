package io.hyperkeep.manifest;

import org.jspecify.annotations.Nullable;

/**
 * A column as {@code pg_attribute} has it.
 *
 * @param name real name
 * @param type {@code format_type()} with an empty search path, so schema-qualified where it is not a built-in type
 * @param notNull whether NULL is refused
 * @param defaultExpression {@code pg_get_expr} of the default, or of the generated expression; null when there is none
 * @param identity {@code a} (always), {@code d} (by default), or null
 * @param generated {@code s} (stored), {@code v} (virtual, PostgreSQL 18), or null; generated columns are in no data file
 * @param collation the qualified collation where it is not the type's own, else null
 */
public record Column(
        String name,
        String type,
        boolean notNull,
        @Nullable String defaultExpression,
        @Nullable String identity,
        @Nullable String generated,
        @Nullable String collation) {
    /** Whether the data files carry this column: a generated column is computed anew by the server. */
    public boolean exported() {
        return generated == null;
    }
}

package io.hyperkeep.database;

import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import java.util.stream.Collectors;

/** The only code that turns a name or a text into a part of an SQL statement. Thread-safe: it has no state. */
public final class Identifiers {
    private Identifiers() {}

    /** A quoted identifier; always quoted, so no list of reserved words is needed. */
    public static String quote(String identifier) {
        if (identifier.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("an identifier can not hold a NUL character");
        }
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** A schema-qualified quoted name. */
    public static String quote(TableName table) {
        return quote(table.schema()) + "." + quote(table.name());
    }

    /** The quoted names of columns, separated by commas; empty for no columns. */
    public static String columnList(List<Column> columns) {
        return columns.stream().map(column -> quote(column.name())).collect(Collectors.joining(", "));
    }

    /** A string literal that means the same whatever {@code standard_conforming_strings} says. */
    public static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a literal can not hold a NUL character");
        }
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }
}

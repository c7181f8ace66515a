package io.hyperkeep.schema;

import io.hyperkeep.manifest.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Takes ONLY out of statements on a hypertable.
 *
 * <p>pg_dump writes {@code ALTER TABLE ONLY}, which TimescaleDB refuses on hypertables, and {@code ALTER PUBLICATION …
 * ADD TABLE ONLY}, which would publish the empty root. Without ONLY both reach the chunks too. A natively partitioned
 * table needs its ONLY, so names are compared.
 */
final class OnlyKeyword {
    private static final String ALTER_TABLE = "ALTER TABLE ONLY ";
    private static final String ALTER_PUBLICATION = "ALTER PUBLICATION ";
    private static final String ADD_TABLE = " ADD TABLE ONLY ";

    private OnlyKeyword() {}

    /** @param body an entry's statements as pg_restore writes them, one character for each byte */
    static String remove(String body, TableName hypertable) {
        String schema = Latin.bytes(hypertable.schema());
        String name = Latin.bytes(hypertable.name());
        if (body.startsWith(ALTER_PUBLICATION)) {
            return removeFromPublication(body, schema, name);
        }
        StringBuilder result = new StringBuilder();
        int copied = 0;
        for (int at = body.indexOf(ALTER_TABLE); at >= 0; at = body.indexOf(ALTER_TABLE, at + 1)) {
            int table = at + ALTER_TABLE.length();
            if (beginsStatement(body, at) && names(body, table, schema, name)) {
                result.append(body, copied, table - "ONLY ".length());
                copied = table;
            }
        }
        return result.append(body, copied, body.length()).toString();
    }

    private static String removeFromPublication(String body, String schema, String name) {
        Word publication = word(body, ALTER_PUBLICATION.length());
        if (publication != null && body.startsWith(ADD_TABLE, publication.end)) {
            int table = publication.end + ADD_TABLE.length();
            if (names(body, table, schema, name)) {
                return body.substring(0, table - "ONLY ".length()) + body.substring(table);
            }
        }
        return body;
    }

    /** Whether a statement ended above: pg_dump puts a semicolon there and at least one newline. */
    private static boolean beginsStatement(String body, int at) {
        int end = at;
        while (end > 0 && body.charAt(end - 1) == '\n') {
            end--;
        }
        return at == 0 || (end < at && end > 0 && body.charAt(end - 1) == ';');
    }

    private static boolean names(String body, int at, String schema, String name) {
        Word first = word(body, at);
        if (first == null || !first.text.equals(schema) || !body.startsWith(".", first.end)) {
            return false;
        }
        Word second = word(body, first.end + 1);
        return second != null && second.text.equals(name);
    }

    /** An identifier, unquoted, and where it ends. */
    private record Word(String text, int end) {}

    private static @Nullable Word word(String body, int at) {
        if (at < body.length() && body.charAt(at) == '"') {
            StringBuilder text = new StringBuilder();
            for (int i = at + 1; i < body.length(); i++) {
                if (body.charAt(i) != '"') {
                    text.append(body.charAt(i));
                } else if (body.startsWith("\"\"", i)) {
                    text.append(body.charAt(i++));
                } else {
                    return new Word(text.toString(), i + 1);
                }
            }
            return null;
        }
        int end = at;
        while (end < body.length() && (body.charAt(end) == '_' || Character.isLetterOrDigit(body.charAt(end)))) {
            end++;
        }
        return end == at ? null : new Word(body.substring(at, end), end);
    }
}

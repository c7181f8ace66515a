package io.hyperkeep.plan;

import io.hyperkeep.manifest.TableName;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which tables are meant: those that match any include pattern (all, when there is none) and no exclude pattern.
 *
 * <p>A pattern is {@code schema.table}, where {@code *} stands for any characters and {@code ?} for one; without a
 * dot it is a table name in any schema. Names with dots, stars or question marks, upper case included, are written in
 * double quotes as in psql: {@code "My.Schema".*}; unquoted parts are matched in lower case, as SQL reads them.
 *
 * @param include patterns as they were given
 * @param exclude patterns as they were given
 */
public record TableSelection(List<String> include, List<String> exclude) {
    /** Every table. */
    public static final TableSelection ALL = new TableSelection(List.of(), List.of());

    public TableSelection {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /** Whether this table is meant. */
    public boolean selects(TableName table) {
        boolean included = include.isEmpty() || include.stream().anyMatch(pattern -> matches(pattern, table));
        return included && !excludes(table);
    }

    /** Whether this table is not wanted, even if another one needs it. */
    boolean excludes(TableName table) {
        return exclude.stream().anyMatch(pattern -> matches(pattern, table));
    }

    /** The include and exclude patterns that match none of the tables, as given: probably misspelt. */
    public List<String> unmatched(List<TableName> tables) {
        return java.util.stream.Stream.concat(include.stream(), exclude.stream())
                .filter(pattern -> tables.stream().noneMatch(table -> matches(pattern, table)))
                .toList();
    }

    /** Whether one pattern means this table. */
    static boolean matches(String pattern, TableName table) {
        StringBuilder schema = new StringBuilder();
        StringBuilder name = new StringBuilder();
        StringBuilder part = schema;
        StringBuilder literal = new StringBuilder();
        boolean quoted = false;
        boolean dotted = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < pattern.length() && pattern.charAt(i + 1) == '"') {
                    literal.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (!quoted && c == '.' && !dotted) {
                flush(literal, part);
                part = name;
                dotted = true;
            } else if (!quoted && (c == '*' || c == '?')) {
                flush(literal, part);
                part.append(c == '*' ? ".*" : ".");
            } else {
                literal.append(quoted ? c : Character.toLowerCase(c));
            }
        }
        flush(literal, part);
        if (!dotted) {
            return Pattern.compile(schema.toString(), Pattern.DOTALL)
                    .matcher(table.name())
                    .matches();
        }
        return Pattern.compile(schema.toString(), Pattern.DOTALL)
                        .matcher(table.schema())
                        .matches()
                && Pattern.compile(name.toString(), Pattern.DOTALL)
                        .matcher(table.name())
                        .matches();
    }

    private static void flush(StringBuilder literal, StringBuilder regex) {
        if (!literal.isEmpty()) {
            regex.append(Pattern.quote(literal.toString()));
            literal.setLength(0);
        }
    }
}

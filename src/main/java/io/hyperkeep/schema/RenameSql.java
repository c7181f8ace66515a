package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.schema.SqlTokens.Kind;
import io.hyperkeep.schema.SqlTokens.Token;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes SQL that pg_dump or PostgreSQL printed with an empty search path anew, with other names. Immutable.
 *
 * <p>With that search path every object is printed as {@code schema.name}, so that a pair of names that the backup has
 * an object of is that object. There is one exception, a column by its alias in a query: a query whose alias is a
 * renamed object's schema is {@linkplain #ambiguous named} and not to be run. What is within a string or a function's
 * body is left alone, but for names that are cast to {@code regclass} and the like; {@link #mentions} tells of the rest.
 */
public final class RenameSql {
    /** Entries that hold queries. */
    private static final Set<String> QUERIES =
            Set.of("VIEW", "MATERIALIZED VIEW", "RULE", "POLICY", "TRIGGER", "FUNCTION", "PROCEDURE");

    private static final Set<String> REGISTERED =
            Set.of("regclass", "regtype", "regproc", "regprocedure", "regnamespace");

    /** After a relation in FROM, these are no alias. */
    private static final Set<String> AFTER_RELATION = Set.of(
            "where",
            "join",
            "left",
            "right",
            "full",
            "inner",
            "cross",
            "natural",
            "on",
            "using",
            "group",
            "order",
            "having",
            "limit",
            "offset",
            "fetch",
            "union",
            "intersect",
            "except",
            "window",
            "for",
            "tablesample",
            "set",
            "returning",
            "with");

    private static final Set<String> BEFORE_RELATION = Set.of("from", "join", "only", "lateral");

    /** Every name stays as it is. */
    public static final RenameSql SAME = new RenameSql(NewNames.NONE);

    private final NewNames names;
    private final NewNames latin;

    /** @param names the new names */
    public RenameSql(NewNames names) {
        this.names = names;
        this.latin = names.latin();
    }

    /**
     * A definition as PostgreSQL would print it of the renamed object.
     *
     * @param table the table that it belongs to, by its old name
     * @param sql what {@code pg_get_constraintdef} and its like, or {@code format_type}, print
     */
    public String definition(TableName table, String sql) {
        return names.isEmpty() ? sql : new Rewrite(sql, names, "", table, Keywords::quote).run();
    }

    /** A query as PostgreSQL would print it of a view on the renamed objects. */
    public String query(String sql) {
        return names.isEmpty() ? sql : new Rewrite(sql, names, "VIEW", null, Keywords::quote).run();
    }

    /** An entry's text in the form of the schema files: one character for each byte. */
    String entry(SchemaEntry entry, String text) {
        return latin.isEmpty() ? text : new Rewrite(text, latin, entry.type(), latin(entry), Identifiers::quote).run();
    }

    /** Whether an entry uses a renamed object's schema for something else too, so that pairs of names can mean either. */
    public boolean ambiguous(SchemaEntry entry, String text) {
        return QUERIES.contains(entry.type())
                && new Rewrite(text, latin, entry.type(), latin(entry), Identifiers::quote).isAmbiguous();
    }

    /** The first old name that an entry has within a string or a function's body, where it stays; null for none. */
    public @Nullable String mentions(SchemaEntry entry, String text) {
        if (latin.isEmpty() || entry.type().equals("COMMENT") || entry.type().equals("SECURITY LABEL")) {
            return null;
        }
        String mentioned = new Rewrite(text, latin, entry.type(), latin(entry), Identifiers::quote).mentioned();
        return mentioned == null ? null : Latin.text(mentioned);
    }

    private static @Nullable TableName latin(SchemaEntry entry) {
        TableName table = entry.table();
        return table == null ? null : new TableName(Latin.bytes(table.schema()), Latin.bytes(table.name()));
    }

    /** One text on its way. */
    private static final class Rewrite {
        private final String sql;
        private final NewNames names;
        private final String type;
        private final @Nullable TableName table;
        private final Function<String, String> quote;
        private final List<Token> tokens;
        private final StringBuilder result = new StringBuilder();
        private int copied;

        Rewrite(String sql, NewNames names, String type, @Nullable TableName table, Function<String, String> quote) {
            this.sql = sql;
            this.names = names;
            this.type = type;
            this.table = table;
            this.quote = quote;
            this.tokens = SqlTokens.of(sql);
        }

        String run() {
            for (int i = 0; i < tokens.size(); i++) {
                Token token = tokens.get(i);
                TableName pair = pair(i);
                if (pair != null) {
                    TableName other = renamed(i, pair);
                    if (other != null) {
                        replace(token.start(), tokens.get(i + 2).end(), qualified(other) + alias(i, pair, other));
                    }
                    i += 2;
                } else if (token.kind() == Kind.STRING) {
                    string(i, token);
                } else if (token.isName()) {
                    single(i, token);
                }
            }
            return result.append(sql, copied, sql.length()).toString();
        }

        private void replace(int start, int end, String by) {
            result.append(sql, copied, start).append(by);
            copied = end;
        }

        private String qualified(TableName name) {
            // an operator is never quoted
            boolean operator = !name.name().isEmpty()
                    && "+-*/<>=~!@#%^&|`?".indexOf(name.name().charAt(0)) >= 0;
            return quote.apply(name.schema()) + "." + (operator ? name.name() : quote.apply(name.name()));
        }

        /** The two names that begin at this token, when it is the first one of a qualified name. */
        private @Nullable TableName pair(int i) {
            if (i + 2 >= tokens.size() || !tokens.get(i).isName() || !touches(i, ".") || isAfterDot(i)) {
                return null;
            }
            Token second = tokens.get(i + 2);
            boolean touches = second.start() == tokens.get(i + 1).end();
            return touches && (second.isName() || second.kind() == Kind.SIGN)
                    ? new TableName(tokens.get(i).text(), second.text())
                    : null;
        }

        private boolean touches(int i, String sign) {
            return i + 1 < tokens.size()
                    && tokens.get(i + 1).is(sign)
                    && tokens.get(i + 1).start() == tokens.get(i).end();
        }

        private boolean isAfterDot(int i) {
            return i > 0
                    && tokens.get(i - 1).is(".")
                    && tokens.get(i - 1).end() == tokens.get(i).start();
        }

        private @Nullable TableName renamed(int i, TableName pair) {
            // PostgreSQL puts nothing between a routine and its arguments, and a space before a table's columns
            boolean called = touches(i + 2, "(") && !isBefore(i, "references");
            TableName object = names.objects().get(pair);
            TableName routine = names.routines().get(pair);
            return routine != null && (called || object == null) ? routine : object;
        }

        private boolean isBefore(int i, String word) {
            return i > 0 && tokens.get(i - 1).isWord(word);
        }

        /** Columns are named by their table where it has no alias: one that has another name gets its old one as alias. */
        private String alias(int i, TableName pair, TableName other) {
            boolean from = !pair.name().equals(other.name())
                    && i > 0
                    && (tokens.get(i - 1).is(",")
                            || tokens.get(i - 1).is("(")
                            || BEFORE_RELATION.contains(word(i - 1)));
            if (!from || !isInQuery(i)) {
                return "";
            }
            boolean aliased =
                    i + 3 < tokens.size() && tokens.get(i + 3).isName() && !AFTER_RELATION.contains(word(i + 3));
            return aliased ? "" : " " + quote.apply(pair.name());
        }

        /** Whether a query began before: the arguments of a function in its head are types, not relations. */
        private boolean isInQuery(int i) {
            return tokens.subList(0, i).stream().anyMatch(token -> token.isWord("select"));
        }

        private String word(int i) {
            Token token = tokens.get(i);
            return token.kind() == Kind.WORD ? token.text().toLowerCase(java.util.Locale.ROOT) : "";
        }

        private void string(int i, Token token) {
            if (isRegistered(i)) {
                String renamed = new Rewrite(token.text(), names, "", null, Keywords::quote).run();
                String schema = names.schemas().get(token.text());
                if (schema != null && tokens.get(i + 2).isWord("regnamespace")) {
                    renamed = Keywords.quote(schema);
                }
                if (!renamed.equals(token.text())) {
                    replace(
                            token.start(),
                            token.end(),
                            Identifiers.literal(renamed).strip());
                }
            } else if (isInSearchPath(i) && names.schemas().containsKey(token.text())) {
                replace(
                        token.start(),
                        token.end(),
                        Identifiers.literal(names.schemas().get(token.text())).strip());
            }
        }

        private boolean isRegistered(int i) {
            return i + 2 < tokens.size() && tokens.get(i + 1).is("::") && REGISTERED.contains(word(i + 2));
        }

        /** A function's own {@code SET search_path TO 'a', 'b'}. */
        private boolean isInSearchPath(int i) {
            int first = i;
            while (first > 1
                    && tokens.get(first - 1).is(",")
                    && tokens.get(first - 2).kind() == Kind.STRING) {
                first -= 2;
            }
            return first > 2
                    && isBefore(first, "to")
                    && tokens.get(first - 2).isWord("search_path")
                    && tokens.get(first - 3).isWord("set");
        }

        /** A name that stands alone: a schema, or something that is in the schema of its table. */
        private void single(int i, Token token) {
            String schema = names.schemas().get(token.text());
            if (schema != null && isSchema(i)) {
                replace(token.start(), token.end(), quote.apply(schema));
            } else if (table != null && isIndex(i, token.text())) {
                TableName index = names.objects().get(new TableName(table.schema(), token.text()));
                if (index != null) {
                    replace(token.start(), token.end(), quote.apply(index.name()));
                }
            }
        }

        private boolean isSchema(int i) {
            if (type.equals("EXTENSION")) {
                // what an extension brings is no object of the backup: it keeps its schema
                return false;
            }
            return isBefore(i, "schema")
                    || i > 3
                            && isBefore(i, "exists")
                            && tokens.get(i - 2).isWord("not")
                            && tokens.get(i - 3).isWord("if")
                            && tokens.get(i - 4).isWord("schema");
        }

        private boolean isIndex(int i, String name) {
            boolean constraint =
                    names.indexConstraints().getOrDefault(table, Set.of()).contains(name);
            return isBefore(i, "index")
                    || i > 1 && isBefore(i, "on") && tokens.get(i - 2).isWord("cluster")
                    || isBefore(i, "constraint") && constraint;
        }

        boolean isAmbiguous() {
            Set<String> schemas = new java.util.HashSet<>();
            for (int i = 0; i < tokens.size(); i++) {
                TableName pair = pair(i);
                if (pair != null && renamed(i, pair) != null) {
                    schemas.add(pair.schema());
                }
            }
            boolean transition = type.equals("RULE") || type.equals("TRIGGER");
            if (transition && (schemas.contains("new") || schemas.contains("old"))) {
                return true;
            }
            for (int i = 0; i < tokens.size(); i++) {
                Token token = tokens.get(i);
                // after TO it is a role
                if (token.isName()
                        && schemas.contains(token.text())
                        && (isAfterDot(i) || !touches(i, "."))
                        && !isSchema(i)
                        && !isBefore(i, "to")) {
                    return true;
                }
            }
            return false;
        }

        @Nullable
        String mentioned() {
            for (int i = 0; i < tokens.size(); i++) {
                Token token = tokens.get(i);
                boolean text = token.kind() == Kind.BODY
                        || token.kind() == Kind.STRING && !isRegistered(i) && !isInSearchPath(i);
                String found = text ? mentioned(token.text(), names) : null;
                if (found != null) {
                    return found;
                }
            }
            return null;
        }

        private static @Nullable String mentioned(String text, NewNames names) {
            Rewrite inner = new Rewrite(text, names, "", null, Identifiers::quote);
            for (int i = 0; i < inner.tokens.size(); i++) {
                Token token = inner.tokens.get(i);
                TableName pair = inner.pair(i);
                if (pair != null
                        && (inner.renamed(i, pair) != null || names.schemas().containsKey(pair.schema()))) {
                    return pair.toString();
                }
                if (pair == null
                        && token.isName()
                        && !inner.isAfterDot(i)
                        && isRenamed(token.text(), names.objects())) {
                    return token.text();
                }
                if (token.kind() == Kind.STRING || token.kind() == Kind.BODY) {
                    // the text of a statement that is executed
                    String found = token.text().equals(text) ? null : mentioned(token.text(), names);
                    if (found != null) {
                        return found;
                    }
                }
            }
            return null;
        }

        private static boolean isRenamed(String name, Map<TableName, TableName> objects) {
            return objects.entrySet().stream()
                    .anyMatch(entry -> entry.getKey().name().equals(name)
                            && !entry.getValue().name().equals(name));
        }
    }
}

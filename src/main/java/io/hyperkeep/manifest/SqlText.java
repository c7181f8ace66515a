package io.hyperkeep.manifest;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SQL with everything left out that is in quotes, between dollars or in a comment, as psql's own lexer sees it: what is
 * left is what a server or psql may take for a command. Pure functions.
 */
public final class SqlText {
    private static final Pattern QUERY = Pattern.compile("(?is)[\\s(]*(?:select|with|values|table)\\b.*");
    private static final Pattern INDEX = Pattern.compile("(?is)\\s*create\\s+(?:unique\\s+)?index\\b.*");
    private static final Pattern TYPE = Pattern.compile(
            "(?:[\\p{Alpha}_\\u0080-\\uffff][\\p{Alnum}_$\\u0080-\\uffff]*|\"\"|[ .,()\\[\\]]|-?\\d+|'')+");

    private static final Pattern RESTRICT = Pattern.compile("\\\\(?:un)?restrict \\w+(?:\\n|\\z)");

    private final String sql;
    private final StringBuilder bare = new StringBuilder();
    private int at;
    private boolean open;

    private SqlText(String sql) {
        this.sql = sql;
    }

    /**
     * The text without what is quoted: {@code ''}, {@code ""} and {@code $$} stand where something was, a blank where a
     * comment was.
     *
     * @return null when a quote or comment is not closed
     */
    public static @Nullable String bare(String sql) {
        SqlText text = new SqlText(sql);
        while (text.at < sql.length()) {
            text.next();
        }
        return text.open ? null : text.bare.toString();
    }

    /**
     * Where psql would find a command of its own, which begins with a backslash.
     *
     * @return its first character, or -1; the text's length when its quotes do not end, so that it cannot be said
     */
    public static int command(String sql) {
        return command(sql, false);
    }

    /** The same of a file of pg_dump's, whose {@code \restrict} and its end keep psql from running others. */
    public static int commandInDump(String sql) {
        return command(sql, true);
    }

    private static int command(String sql, boolean dump) {
        SqlText text = new SqlText(sql);
        while (text.at < sql.length()) {
            char c = sql.charAt(text.at);
            if (c != '\\') {
                text.next();
                continue;
            }
            Matcher restrict = RESTRICT.matcher(sql).region(text.at, sql.length());
            boolean beginsLine = text.at == 0 || sql.charAt(text.at - 1) == '\n';
            if (!dump || !beginsLine || !restrict.lookingAt()) {
                return text.at;
            }
            text.at = restrict.end();
        }
        return text.open ? sql.length() : -1;
    }

    /** Whether it is one query and nothing beside it. */
    static boolean isQuery(String sql) {
        return isOne(sql, QUERY);
    }

    /** Whether it is one statement that creates an index. */
    static boolean isIndex(String sql) {
        return isOne(sql, INDEX);
    }

    /** Whether it can be the name of a type, and cannot be more. */
    static boolean isType(String sql) {
        String bare = bare(sql);
        return bare != null && isBalanced(bare) && TYPE.matcher(bare).matches();
    }

    private static boolean isOne(String sql, Pattern beginning) {
        String bare = bare(sql);
        return bare != null
                && bare.indexOf(';') < 0
                && bare.indexOf('\\') < 0
                && isBalanced(bare)
                && beginning.matcher(bare).matches();
    }

    private static boolean isBalanced(String bare) {
        int depth = 0;
        for (int i = 0; i < bare.length() && depth >= 0; i++) {
            char c = bare.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return depth == 0;
    }

    private void next() {
        char c = sql.charAt(at);
        if (sql.startsWith("--", at)) {
            // psql's lexer ends a comment at either
            while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
                at++;
            }
            bare.append(' ');
        } else if (sql.startsWith("/*", at)) {
            comment();
        } else if (c == '\'' || c == '"') {
            quoted(c, false);
        } else if (beginsName(c)) {
            word();
        } else if (c == '$' && at + 1 < sql.length() && (sql.charAt(at + 1) == '$' || beginsName(sql.charAt(at + 1)))) {
            dollar();
        } else {
            bare.append(c);
            at++;
        }
    }

    private void word() {
        int start = at;
        while (at < sql.length() && (beginsName(sql.charAt(at)) || isDigit(sql.charAt(at)) || sql.charAt(at) == '$')) {
            at++;
        }
        if (at - start == 1 && (sql.charAt(start) | 0x20) == 'e' && at < sql.length() && sql.charAt(at) == '\'') {
            quoted('\'', true);
        } else {
            bare.append(sql, start, at);
        }
    }

    private void quoted(char quote, boolean escapes) {
        bare.append(quote).append(quote);
        boolean closed = false;
        for (at++; at < sql.length() && !closed; at++) {
            char c = sql.charAt(at);
            if (escapes && c == '\\') {
                at++;
            } else if (c == quote) {
                if (at + 1 < sql.length() && sql.charAt(at + 1) == quote) {
                    at++;
                } else {
                    closed = !escapes || !isContinued();
                }
            }
        }
        open |= !closed;
    }

    /** A string goes on behind a line break, and its escapes with it; moves to the quote that begins it anew. */
    private boolean isContinued() {
        int next = at + 1;
        boolean line = false;
        while (next < sql.length() && Character.isWhitespace(sql.charAt(next))) {
            line |= sql.charAt(next) == '\n' || sql.charAt(next) == '\r';
            next++;
        }
        if (line && next < sql.length() && sql.charAt(next) == '\'') {
            at = next;
            return true;
        }
        return false;
    }

    private void dollar() {
        int end = at + 1;
        while (end < sql.length() && (beginsName(sql.charAt(end)) || isDigit(sql.charAt(end)))) {
            end++;
        }
        if (end == sql.length() || sql.charAt(end) != '$') {
            bare.append('$');
            at++;
            return;
        }
        String tag = sql.substring(at, end + 1);
        int close = sql.indexOf(tag, end + 1);
        open |= close < 0;
        at = close < 0 ? sql.length() : close + tag.length();
        bare.append("$$");
    }

    private void comment() {
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
        open |= depth > 0;
        bare.append(' ');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean beginsName(char c) {
        return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80;
    }
}

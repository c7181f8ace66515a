package io.hyperkeep.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts SQL as PostgreSQL's own lexer does, as far as names are concerned: what is within a string, a dollar-quoted body
 * or a comment is no name. White space and comments are no tokens. Pure functions.
 */
public final class SqlTokens {
    /** What a token is. */
    public enum Kind {
        /** A key word or an identifier without quotes. */
        WORD,
        /** An identifier in quotes. */
        QUOTED,
        STRING,
        /** A string between dollars: most often the body of a function. */
        BODY,
        NUMBER,
        /** An operator, or a single sign of punctuation. */
        SIGN
    }

    /**
     * A token.
     *
     * @param kind what it is
     * @param start its first character
     * @param end the character after its last one
     * @param text a name or a string as it is meant, without quotes; else as it is written
     */
    public record Token(Kind kind, int start, int end, String text) {
        /** Whether it names something, or is a key word. */
        public boolean isName() {
            return kind == Kind.WORD || kind == Kind.QUOTED;
        }

        /** Whether it is this sign. */
        public boolean is(String sign) {
            return kind == Kind.SIGN && text.equals(sign);
        }

        /** Whether it is this key word, in whatever case. */
        public boolean isWord(String word) {
            return kind == Kind.WORD && text.equalsIgnoreCase(word);
        }
    }

    private static final String OPERATOR = "+-*/<>=~!@#%^&|`?";

    private final String sql;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private SqlTokens(String sql) {
        this.sql = sql;
    }

    /** @param sql whole statements, or an expression */
    public static List<Token> of(String sql) {
        SqlTokens cut = new SqlTokens(sql);
        while (cut.at < sql.length()) {
            cut.next();
        }
        return cut.tokens;
    }

    private void next() {
        char c = sql.charAt(at);
        if (isSpace(c)) {
            at++;
        } else if (sql.startsWith("--", at)) {
            int end = sql.indexOf('\n', at);
            at = end < 0 ? sql.length() : end;
        } else if (sql.startsWith("/*", at)) {
            at = endOfComment();
        } else if (c == '"') {
            quoted('"', Kind.QUOTED, at, false);
        } else if (c == '\'') {
            quoted('\'', Kind.STRING, at, false);
        } else if (beginsName(c)) {
            word();
        } else if (c >= '0' && c <= '9') {
            int start = at;
            while (at < sql.length() && (continuesName(sql.charAt(at)) || sql.charAt(at) == '.')) {
                at++;
            }
            add(Kind.NUMBER, start, sql.substring(start, at));
        } else if (c == '$') {
            dollar();
        } else {
            sign();
        }
    }

    /** PostgreSQL's own (scan.l): a no-break space, or a byte of a character, is none. */
    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    private void word() {
        int start = at;
        while (at < sql.length() && continuesName(sql.charAt(at))) {
            at++;
        }
        String word = sql.substring(start, at);
        boolean prefix = at < sql.length() && sql.charAt(at) == '\'' && word.length() == 1 && "eEbBxXnN".contains(word);
        if (prefix) {
            quoted('\'', Kind.STRING, start, word.equalsIgnoreCase("e"));
        } else {
            add(Kind.WORD, start, word);
        }
    }

    private void quoted(char quote, Kind kind, int start, boolean escapes) {
        StringBuilder text = new StringBuilder();
        for (at++; at < sql.length(); at++) {
            char c = sql.charAt(at);
            if (escapes && c == '\\' && at + 1 < sql.length()) {
                text.append(sql.charAt(++at));
            } else if (c != quote) {
                text.append(c);
            } else if (at + 1 < sql.length() && sql.charAt(at + 1) == quote) {
                text.append(quote);
                at++;
            } else {
                at++;
                break;
            }
        }
        add(kind, start, text.toString());
    }

    private void dollar() {
        int start = at;
        int open = at + 1;
        while (open < sql.length() && continuesName(sql.charAt(open)) && sql.charAt(open) != '$') {
            open++;
        }
        if (open == sql.length() || sql.charAt(open) != '$') {
            at++;
            add(Kind.SIGN, start, "$");
            return;
        }
        String tag = sql.substring(start, open + 1);
        int end = sql.indexOf(tag, open + 1);
        at = end < 0 ? sql.length() : end + tag.length();
        add(Kind.BODY, start, sql.substring(open + 1, end < 0 ? sql.length() : end));
    }

    private void sign() {
        int start = at;
        while (at < sql.length()
                && OPERATOR.indexOf(sql.charAt(at)) >= 0
                && !(at > start && (sql.startsWith("--", at) || sql.startsWith("/*", at)))) {
            at++;
        }
        if (at == start) {
            at += sql.startsWith("::", at) ? 2 : 1;
        }
        add(Kind.SIGN, start, sql.substring(start, at));
    }

    private int endOfComment() {
        int depth = 0;
        int i = at;
        do {
            if (sql.startsWith("/*", i)) {
                depth++;
                i += 2;
            } else if (sql.startsWith("*/", i)) {
                depth--;
                i += 2;
            } else {
                i++;
            }
        } while (depth > 0 && i < sql.length());
        return Math.min(i, sql.length());
    }

    private void add(Kind kind, int start, String text) {
        tokens.add(new Token(kind, start, at, text));
    }

    private static boolean beginsName(char c) {
        return c == '_' || Character.isLetter(c) || c >= 0x80;
    }

    private static boolean continuesName(char c) {
        return beginsName(c) || c == '$' || (c >= '0' && c <= '9');
    }
}

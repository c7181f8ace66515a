package io.hyperkeep.cluster;

import io.hyperkeep.schema.SqlTokens;
import io.hyperkeep.schema.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a dump of globals. Its text may have a password, as the server stores it: it is for psql alone, and
 * messages have the label.
 *
 * @param kind what it is about
 * @param object the role or tablespace that it is about, a membership's role, or empty
 * @param member the role that gets a membership, or null
 * @param text as pg_dumpall wrote it, without the semicolon
 */
record GlobalStatement(Kind kind, String object, @Nullable String member, String text) {
    /** What a statement is about. */
    enum Kind {
        /** How the session is to be: it has to come before what follows. */
        SESSION,
        CREATE_ROLE,
        /** A role's attributes, password, settings, comment or label. */
        ROLE,
        MEMBERSHIP,
        /** A right on a server's parameter. */
        PARAMETER,
        CREATE_TABLESPACE,
        /** A tablespace's options, rights, comment or label. */
        TABLESPACE,
        /** What later versions of pg_dumpall may write. */
        OTHER
    }

    private static final Pattern RESTRICT = Pattern.compile("\\\\(?:un)?restrict \\w+(?:\\n|\\z)");

    /** The statements of a dump, in their order; what pg_dumpall keeps psql's own commands from running with is none. */
    static List<GlobalStatement> parse(String dump) {
        List<GlobalStatement> statements = new ArrayList<>();
        List<Token> tokens = SqlTokens.of(dump);
        List<Token> statement = new ArrayList<>();
        int skipTo = 0;
        for (Token token : tokens) {
            if (token.start() < skipTo) {
                continue;
            }
            Matcher restrict = RESTRICT.matcher(dump).region(token.start(), dump.length());
            if (statement.isEmpty() && token.is("\\") && restrict.lookingAt()) {
                skipTo = restrict.end();
            } else if (token.is(";")) {
                if (!statement.isEmpty()) {
                    statements.add(of(
                            statement,
                            dump.substring(
                                    statement.get(0).start(),
                                    statement.get(statement.size() - 1).end())));
                }
                statement.clear();
            } else {
                statement.add(token);
            }
        }
        return statements;
    }

    private static GlobalStatement of(List<Token> tokens, String text) {
        Token verb = tokens.get(0);
        if (verb.isWord("SET") || verb.isWord("RESET")) {
            return new GlobalStatement(Kind.SESSION, "", null, text);
        }
        boolean create = verb.isWord("CREATE");
        if ((verb.isWord("GRANT") || verb.isWord("REVOKE")) && tokens.size() > 3) {
            Token preposition = tokens.get(2);
            if (preposition.isWord("TO") || preposition.isWord("FROM")) {
                return new GlobalStatement(
                        Kind.MEMBERSHIP, tokens.get(1).text(), tokens.get(3).text(), text);
            }
        }
        // CREATE ROLE x, ALTER ROLE x, COMMENT ON ROLE x, SECURITY LABEL FOR p ON ROLE x, GRANT … ON TABLESPACE x
        for (int i = 1; i + 1 < tokens.size(); i++) {
            Token what = tokens.get(i);
            boolean follows = tokens.get(i - 1).isWord("ON") || i == 1;
            String name = tokens.get(i + 1).text();
            if (follows && what.isWord("ROLE")) {
                return new GlobalStatement(create ? Kind.CREATE_ROLE : Kind.ROLE, name, null, text);
            }
            if (follows && what.isWord("TABLESPACE")) {
                return new GlobalStatement(create ? Kind.CREATE_TABLESPACE : Kind.TABLESPACE, name, null, text);
            }
            if (follows && what.isWord("PARAMETER")) {
                return new GlobalStatement(Kind.PARAMETER, name, null, text);
            }
        }
        return new GlobalStatement(Kind.OTHER, "", null, text);
    }

    /** What it is about, for messages. */
    String label() {
        return switch (kind) {
            case CREATE_ROLE, ROLE -> "role " + object;
            case MEMBERSHIP -> "role " + member;
            case PARAMETER -> "parameter " + object;
            case CREATE_TABLESPACE, TABLESPACE -> "tablespace " + object;
            case SESSION, OTHER -> "the server";
        };
    }

    /** What of it the statement sets, for messages. */
    String what() {
        return switch (kind) {
            case CREATE_ROLE, CREATE_TABLESPACE -> "itself";
            case ROLE -> "its attributes, password, settings or comment";
            case MEMBERSHIP -> "its membership in role " + object;
            case PARAMETER -> "the rights on it";
            case TABLESPACE -> "its options, rights or comment";
            case SESSION, OTHER -> "something that is said of it";
        };
    }

    boolean isOfTablespaces() {
        return kind == Kind.CREATE_TABLESPACE || kind == Kind.TABLESPACE;
    }
}

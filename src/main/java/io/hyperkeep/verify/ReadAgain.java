package io.hyperkeep.verify;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.schema.NewNames;
import io.hyperkeep.schema.RenameSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Has a server read a definition and print it again. PostgreSQL prints many a definition otherwise once it has read its own
 * text: casts move and parentheses go. What two texts become on one and the same server is comparable, whatever server
 * printed them first.
 *
 * <p>Each definition is tried on something temporary that has the columns of what it belongs to, within a transaction that
 * is rolled back: nothing that the database has is written to, locked against its users or calculated. Not thread-safe.
 */
final class ReadAgain {
    /** Where a definition is put: schema and name of what is created anew for each. */
    private static final String SCHEMA = "pg_temp";

    private static final TableName SCRATCH = new TableName(SCHEMA, "hyperkeep_scratch");

    /** Event triggers have nothing to do with what is rolled back; only a superuser may keep them from running. */
    private static final String QUIET = """
            SELECT pg_catalog.set_config(name, value, true)
              FROM (VALUES ('event_triggers', 'off'), ('session_replication_role', 'replica')) AS pinned(name, value)
             WHERE pg_catalog.current_setting(name, true) IS NOT NULL
               AND (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)""";

    /** Functions may name what is not there; that is no part of what they are compared by. */
    private static final String UNCHECKED = "SET LOCAL check_function_bodies = off";

    /** As one statement, which can not end the transaction. */
    private static final String RUN = "DO 'BEGIN EXECUTE pg_catalog.current_setting(''hyperkeep.definition''); END'";

    /** A function that takes a whole row of the table takes one of its likeness, too. */
    private static final String UNDEFINED_FUNCTION = "42883";

    private static final Pattern VIEW_END = Pattern.compile(";\\s*$");

    private final Connection session;

    /** @param session in a transaction that may write and is rolled back */
    ReadAgain(Connection session) throws SQLException {
        this.session = session;
        Query.list(session, QUIET, row -> row.getString(1));
        Query.execute(session, UNCHECKED);
    }

    /**
     * Whether both texts are the same to this server.
     *
     * @throws SQLException when it can not read one of them; the transaction can go on
     */
    boolean isSame(PrintedTwice definition) throws SQLException {
        return printed(definition, definition.backup()).equals(printed(definition, definition.now()));
    }

    private String printed(PrintedTwice definition, String text) throws SQLException {
        try {
            return printed(definition, text, false);
        } catch (SQLException e) {
            if (UNDEFINED_FUNCTION.equals(e.getSQLState()) && definition.relation() != null) {
                return printed(definition, text, true);
            }
            throw e;
        }
    }

    private String printed(PrintedTwice definition, String text, boolean asRow) throws SQLException {
        Query.execute(session, "SAVEPOINT definition");
        try {
            return new Attempt(definition, asRow).print(text);
        } finally {
            Query.execute(session, "ROLLBACK TO SAVEPOINT definition; RELEASE SAVEPOINT definition");
        }
    }

    /** One definition, on objects that nothing else has touched. */
    private final class Attempt {
        private final PrintedTwice definition;
        private final boolean asRow;

        Attempt(PrintedTwice definition, boolean asRow) {
            this.definition = definition;
            this.asRow = asRow;
        }

        String print(String text) throws SQLException {
            return switch (definition.sort()) {
                case EXPRESSION -> view("SELECT (" + text + ") AS expression" + from());
                case QUERY -> view(text);
                case CONSTRAINT -> {
                    TableName like = like("");
                    run("ALTER TABLE " + Identifiers.quote(like) + " ADD CONSTRAINT "
                            + Identifiers.quote(definition.name().name()) + " " + text);
                    yield one(
                            "SELECT pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint"
                                    + " WHERE conrelid = ?::regclass AND conname = ?::name",
                            Identifiers.quote(like),
                            definition.name().name());
                }
                case INDEX ->
                    ofLike(
                            text,
                            "SELECT pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = ?::regclass");
                case TRIGGER ->
                    ofLike(
                            text,
                            "SELECT pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE tgrelid = ?::regclass");
                case RULE ->
                    ofLike(text, "SELECT pg_get_ruledef(oid) FROM pg_catalog.pg_rewrite WHERE ev_class = ?::regclass");
                case STATISTICS ->
                    ofLike(
                            text.replaceFirst(
                                    "^CREATE STATISTICS "
                                            + Pattern.quote(definition.name().name()) + " ",
                                    "CREATE STATISTICS " + Identifiers.quote(SCRATCH) + " "),
                            "SELECT pg_get_statisticsobjdef(oid) FROM pg_catalog.pg_statistic_ext"
                                    + " WHERE stxrelid = ?::regclass");
                case PARTITION_KEY ->
                    one("SELECT pg_get_partkeydef(?::regclass)", Identifiers.quote(like(" PARTITION BY " + text)));
                case ROUTINE -> {
                    // under its name, by which its body may call its arguments
                    TableName like = new TableName(SCHEMA, definition.name().name());
                    run(renamed(text, Map.of(), Map.of(definition.name(), like)));
                    yield one("SELECT pg_get_functiondef(oid) FROM pg_catalog.pg_proc"
                            + " WHERE pronamespace = pg_catalog.pg_my_temp_schema()");
                }
                case DOMAIN -> {
                    run("CREATE DOMAIN " + Identifiers.quote(SCRATCH) + " AS " + text);
                    yield one("""
                            SELECT concat_ws(' ', format_type(typbasetype, typtypmod),
                                             CASE WHEN typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || typdefault)
                              FROM pg_catalog.pg_type WHERE oid = ?::regtype""", Identifiers.quote(SCRATCH));
                }
                case DOMAIN_CONSTRAINTS -> domainConstraints(text);
            };
        }

        private String from() {
            return definition.relation() == null ? "" : " FROM " + Identifiers.quote(definition.relation());
        }

        private String view(String query) throws SQLException {
            run("CREATE TEMPORARY VIEW " + Identifiers.quote(SCRATCH) + " AS "
                    + VIEW_END.matcher(query).replaceFirst(""));
            return one("SELECT pg_get_viewdef(?::regclass)", Identifiers.quote(SCRATCH));
        }

        /** An empty table under the same name as the definition's and with its columns. */
        private TableName like(String more) throws SQLException {
            TableName relation = relation();
            TableName like = new TableName(SCHEMA, relation.name());
            Query.execute(
                    session,
                    "CREATE TEMPORARY TABLE " + Identifiers.quote(like) + " (LIKE " + Identifiers.quote(relation) + ")"
                            + more);
            if (asRow) {
                String row = Identifiers.quote(relation);
                String function = Identifiers.quote(SCRATCH) + "(" + Identifiers.quote(like) + ")";
                Query.execute(
                        session,
                        "CREATE FUNCTION " + function + " RETURNS " + row + " IMMUTABLE LANGUAGE sql AS "
                                + Identifiers.literal("SELECT NULL::" + row),
                        "CREATE CAST (" + Identifiers.quote(like) + " AS " + row + ") WITH FUNCTION " + function
                                + " AS IMPLICIT");
            }
            return like;
        }

        private TableName relation() throws SQLException {
            if (definition.relation() != null) {
                return definition.relation();
            }
            return Query.one(
                    session,
                    "SELECT n.nspname, c.relname FROM pg_catalog.pg_index i"
                            + " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
                            + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                            + " WHERE i.indexrelid = ?::regclass",
                    row -> new TableName(row.getString(1), row.getString(2)),
                    Identifiers.quote(definition.name()));
        }

        private String ofLike(String text, String query) throws SQLException {
            TableName like = like("");
            TableName relation = relation();
            // a function may have the same name
            run(renamed(text, Map.of(relation, like), Map.of(relation, relation)));
            return one(query, Identifiers.quote(like));
        }

        private String renamed(String text, Map<TableName, TableName> objects, Map<TableName, TableName> routines) {
            return new RenameSql(new NewNames(objects, routines, Map.of(), Map.of()))
                    .definition(Objects.requireNonNullElse(definition.relation(), definition.name()), text);
        }

        /** The text has them one after the other, each with its name; those are the database's, or the text is another. */
        private String domainConstraints(String text) throws SQLException {
            String domain = Identifiers.quote(definition.name());
            List<String> names = Query.list(
                    session,
                    "SELECT conname FROM pg_catalog.pg_constraint WHERE contypid = ?::regtype AND contype = 'c'"
                            + " ORDER BY conname",
                    row -> row.getString(1),
                    domain);
            String base = one(
                    "SELECT format_type(typbasetype, typtypmod) FROM pg_catalog.pg_type WHERE oid = ?::regtype",
                    domain);
            run("CREATE DOMAIN " + Identifiers.quote(SCRATCH) + " AS " + base);
            int at = 0;
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i) + " ";
                int end =
                        i + 1 == names.size() ? text.length() : text.indexOf(", " + names.get(i + 1) + " CHECK (", at);
                if (!text.startsWith(name, at) || end < 0) {
                    throw new SQLException("the constraints have other names");
                }
                run("ALTER DOMAIN " + Identifiers.quote(SCRATCH) + " ADD CONSTRAINT " + Identifiers.quote(names.get(i))
                        + " " + text.substring(at + name.length(), end));
                at = end + 2;
            }
            return one(
                    "SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), ', ' ORDER BY conname)"
                            + " FROM pg_catalog.pg_constraint WHERE contypid = ?::regtype AND contype = 'c'",
                    Identifiers.quote(SCRATCH));
        }

        private void run(String statement) throws SQLException {
            Query.one(
                    session,
                    "SELECT pg_catalog.set_config('hyperkeep.definition', ?, true)",
                    row -> row.getString(1),
                    statement);
            Query.execute(session, RUN);
        }

        private String one(String query, Object... parameters) throws SQLException {
            @Nullable String text = Query.one(session, query, row -> row.getString(1), parameters);
            return Objects.requireNonNull(text, query);
        }
    }
}

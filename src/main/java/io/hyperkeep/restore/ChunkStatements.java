package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Statements that give a chunk something of its own, or take it. What only the server knows, such as what an index is
 * called there, it is asked for. For one thread.
 */
final class ChunkStatements {
    private static final String DATABASE_DEFAULT = """
            SELECT s.spcname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace s ON s.oid = d.dattablespace
             WHERE d.datname = current_database()""";

    private static final String ON_CHUNK = " ON chunk ";

    private final Connection connection;
    private final DiscoveredTable table;
    private final DiscoveredChunk chunk;
    private final String relation;
    private @Nullable Map<String, String> indexes;

    ChunkStatements(Connection connection, DiscoveredTable table, DiscoveredChunk chunk) {
        this.connection = connection;
        this.table = table;
        this.chunk = chunk;
        this.relation = Identifiers.quote(chunk.name());
    }

    /** Creates an index, a constraint, a trigger or a policy. */
    List<String> create(String kind, String name, String value) {
        return List.of(
                switch (kind) {
                    case "index" -> {
                        String rest = name.startsWith("UNIQUE ") ? name.substring("UNIQUE ".length()) : name;
                        yield "CREATE " + (rest.equals(name) ? "" : "UNIQUE ") + "INDEX "
                                + (value.isEmpty() ? "" : Identifiers.quote(value) + " ") + "ON " + relation + " "
                                + rest;
                    }
                    case "constraint" ->
                        "ALTER TABLE " + relation + " ADD CONSTRAINT " + Identifiers.quote(value) + " " + name;
                    case "trigger" -> {
                        int at = value.indexOf(ON_CHUNK, Identifiers.quote(name).length());
                        yield value.substring(0, at) + " ON " + relation + " "
                                + value.substring(at + ON_CHUNK.length());
                    }
                    default -> "CREATE POLICY " + Identifiers.quote(name) + " ON " + relation + " " + value;
                });
    }

    /** Drops one. */
    List<String> drop(String kind, String name, @Nullable String actual) throws SQLException {
        return switch (kind) {
            case "index" -> {
                String index = actual != null ? actual : index(name);
                yield index == null ? List.of() : List.of("DROP INDEX " + ofChunk(index));
            }
            case "constraint" -> {
                String constraint = actual != null ? actual : constraint(name);
                yield constraint == null
                        ? List.of()
                        : List.of("ALTER TABLE " + relation + " DROP CONSTRAINT " + Identifiers.quote(constraint));
            }
            case "trigger" -> List.of("DROP TRIGGER " + Identifiers.quote(name) + " ON " + relation);
            default -> List.of("DROP POLICY " + Identifiers.quote(name) + " ON " + relation);
        };
    }

    /** Sets what is no object of its own; null is what PostgreSQL has without being asked. */
    List<String> set(String kind, String name, @Nullable String value) throws SQLException {
        String column = " ALTER COLUMN " + Identifiers.quote(name) + " ";
        return switch (kind) {
            case "comment" -> List.of(comment("TABLE " + relation, value));
            case "column comment" -> List.of(comment("COLUMN " + relation + "." + Identifiers.quote(name), value));
            case "index comment" -> onIndex(name, index -> List.of(comment("INDEX " + index, value)));
            case "constraint comment" -> {
                String constraint = constraint(name);
                yield constraint == null
                        ? List.of()
                        : List.of(comment("CONSTRAINT " + Identifiers.quote(constraint) + " ON " + relation, value));
            }
            case "trigger comment" -> List.of(comment("TRIGGER " + Identifiers.quote(name) + " ON " + relation, value));
            case "policy comment" -> List.of(comment("POLICY " + Identifiers.quote(name) + " ON " + relation, value));
            case "grants" -> ChunkGrants.statements(connection, chunk.name(), null, value);
            case "column grants" -> ChunkGrants.statements(connection, chunk.name(), name, value);
            case "storage parameters" -> parameters("ALTER TABLE " + relation, "", options("c.reloptions", ""), value);
            case "TOAST storage parameters" ->
                parameters("ALTER TABLE " + relation, "toast.", options("t.reloptions", ""), value);
            case "index parameters" ->
                onIndex(name, index -> parameters("ALTER INDEX " + index, "", indexOptions(index), value));
            case "options" -> parameters("ALTER TABLE " + relation + column, "", options("a.attoptions", name), value);
            case "persistence" -> alter("unlogged".equals(value) ? "SET UNLOGGED" : "SET LOGGED");
            case "row security" -> alter((value == null ? "DISABLE" : "ENABLE") + " ROW LEVEL SECURITY");
            case "tablespace" -> alter("SET TABLESPACE " + tablespace(value));
            case "index tablespace" ->
                onIndex(name, index -> List.of("ALTER INDEX " + index + " SET TABLESPACE " + tablespace(value)));
            case "index to cluster on" -> {
                String index = value == null ? null : index(value);
                yield index == null ? alter("SET WITHOUT CLUSTER") : alter("CLUSTER ON " + Identifiers.quote(index));
            }
            case "index statistics targets" -> onIndex(name, index -> targets(index, value));
            case "statistics target" ->
                alter("ALTER COLUMN " + Identifiers.quote(name) + " SET STATISTICS " + (value == null ? "-1" : value));
            case "storage" -> alter(column.substring(1) + "SET STORAGE " + storage(value));
            case "compression" ->
                alter(column.substring(1) + "SET COMPRESSION "
                        + (value == null ? "default" : value.equals("l") ? "lz4" : "pglz"));
            default -> List.of();
        };
    }

    private List<String> alter(String action) {
        return List.of("ALTER TABLE " + relation + " " + action);
    }

    private static String comment(String object, @Nullable String text) {
        return "COMMENT ON " + object + " IS " + (text == null ? "NULL" : Identifiers.literal(text));
    }

    private static String storage(@Nullable String letter) {
        return switch (letter == null ? "" : letter) {
            case "p" -> "PLAIN";
            case "e" -> "EXTERNAL";
            case "m" -> "MAIN";
            case "x" -> "EXTENDED";
            default -> "DEFAULT";
        };
    }

    private String tablespace(@Nullable String name) throws SQLException {
        return Identifiers.quote(
                name != null ? name : Query.one(connection, DATABASE_DEFAULT, row -> row.getString(1)));
    }

    /** What was set before is set no longer. */
    private static List<String> parameters(String alter, String prefix, List<String> before, @Nullable String wanted) {
        List<String> statements = new ArrayList<>();
        if (!before.isEmpty()) {
            statements.add(alter + " RESET ("
                    + String.join(
                            ", ",
                            before.stream()
                                    .map(option -> prefix + Identifiers.quote(option.substring(0, option.indexOf('='))))
                                    .toList())
                    + ")");
        }
        if (wanted != null) {
            List<String> options = new ArrayList<>();
            for (String option : wanted.split(", ")) {
                int equals = option.indexOf('=');
                options.add(prefix + Identifiers.quote(option.substring(0, equals)) + " = "
                        + Identifiers.literal(option.substring(equals + 1)));
            }
            statements.add(alter + " SET (" + String.join(", ", options) + ")");
        }
        return statements;
    }

    /** The parameters that are set; PostgreSQL 17.12 keeps a number of its own at every column. */
    private List<String> options(String array, String column) throws SQLException {
        return Query.list(
                connection,
                "SELECT o FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid"
                        + " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = ?"
                        + " CROSS JOIN LATERAL unnest(" + array + ") AS o"
                        + " WHERE c.oid = ?::bigint AND NOT starts_with(o, 'pg_attver=')",
                row -> row.getString(1),
                column,
                chunk.oid());
    }

    private List<String> indexOptions(String index) throws SQLException {
        return Query.list(
                connection,
                "SELECT unnest(reloptions) FROM pg_catalog.pg_class WHERE oid = ?::regclass",
                row -> row.getString(1),
                index);
    }

    private List<String> targets(String index, @Nullable String wanted) throws SQLException {
        List<String> statements = new ArrayList<>();
        Query.list(
                connection,
                "SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = ?::regclass AND attstattarget <> -1",
                row -> statements.add("ALTER INDEX " + index + " ALTER COLUMN " + row.getInt(1) + " SET STATISTICS -1"),
                index);
        for (String target : wanted == null ? new String[0] : wanted.split(", ")) {
            String[] parts = target.split(" ");
            statements.add("ALTER INDEX " + index + " ALTER COLUMN " + parts[0] + " SET STATISTICS " + parts[1]);
        }
        return statements;
    }

    @FunctionalInterface
    private interface OfIndex {
        List<String> statements(String index) throws SQLException;
    }

    private List<String> onIndex(String key, OfIndex statements) throws SQLException {
        String index = index(key);
        return index == null ? List.of() : statements.statements(ofChunk(index));
    }

    private @Nullable String index(String key) throws SQLException {
        Map<String, String> known = indexes;
        if (known == null) {
            known = new DiscoverDatabase().chunkIndexes(connection, table, chunk);
            indexes = known;
        }
        return known.get(key);
    }

    private @Nullable String constraint(String definition) throws SQLException {
        return Query.list(
                        connection,
                        "SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = ?::bigint"
                                + " AND pg_get_constraintdef(oid) = ? ORDER BY conname DESC LIMIT 1",
                        row -> row.getString(1),
                        chunk.oid(),
                        definition)
                .stream()
                .findFirst()
                .orElse(null);
    }

    private String ofChunk(String index) {
        return Identifiers.quote(new TableName(chunk.name().schema(), index));
    }
}

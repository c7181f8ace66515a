package io.hyperkeep.discovery;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Whether every name has characters in the database's own encoding, and these are in UTF-8, which pg_dump and the manifest
 * are in.
 *
 * <p>The name of a role, a database or a tablespace has the bytes of the database where it was given, and every database
 * of the server shows them as its own. In SQL_ASCII any name may have any bytes.
 */
public final class ReadableNames {
    /** Bytes of another encoding, and characters that UTF-8 has not. */
    private static final Set<String> UNREADABLE = Set.of("22021", "22P05");

    /** A name's bytes as they are stored, without a function that expects characters; only those beyond ASCII. */
    private static final String SHARED = """
            SELECT what, bytes
              FROM (SELECT what,
                           (SELECT string_agg(lpad(to_hex((name[i])::int & 255), 2, '0'), '' ORDER BY i)
                              FROM generate_series(0, 62) i WHERE (name[i])::int <> 0) AS bytes,
                           (SELECT bool_or((name[i])::int < 0) FROM generate_series(0, 62) i) AS beyond
                      FROM (SELECT 'role', rolname FROM pg_catalog.pg_roles
                            UNION ALL
                            SELECT 'tablespace', spcname FROM pg_catalog.pg_tablespace
                            UNION ALL
                            SELECT 'database', datname FROM pg_catalog.pg_database WHERE %s) shared(what, name)) n
             WHERE beyond ORDER BY what, bytes""";

    /** Columns of the catalog that hold names and texts that a person gave. */
    private static final String COLUMNS = """
            SELECT format('%I', c.relname), format('%I', a.attname)
              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
             WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
               AND a.atttypid IN ('name'::regtype, 'text'::regtype) AND a.attnum > 0 AND NOT a.attisdropped
               AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
             ORDER BY 1, 2""";

    private ReadableNames() {}

    /** A name or text, in hexadecimal digits. */
    private record Stored(String what, String hex) {}

    /**
     * Insists on it for what a backup of this database reads.
     *
     * @param connection not in a transaction that has to go on after a failure
     * @throws BackupException UNSUITABLE, with the name, when there is one that no backup can hold
     */
    public static void require(Connection connection) throws SQLException {
        requireShared(connection, "datname = current_database()");
        if (encoding(connection).equals("SQL_ASCII")) {
            requireUtf8(connection);
        }
    }

    /** As {@link #require}, for what every database of the server shows. */
    public static void requireOfServer(Connection connection) throws SQLException {
        requireShared(connection, "true");
    }

    private static String encoding(Connection connection) throws SQLException {
        return Query.one(connection, "SELECT current_setting('server_encoding')", row -> row.getString(1));
    }

    private static void requireShared(Connection connection, String databases) throws SQLException {
        List<Stored> names = Query.list(
                connection, SHARED.formatted(databases), row -> new Stored(row.getString(1), row.getString(2)));
        if (names.isEmpty()) {
            return;
        }
        String encoding = encoding(connection);
        for (Stored name : names) {
            if (!isReadable(connection, name.hex(), encoding)) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "the name of " + name.what() + " " + shown(name.hex()) + " is not in "
                                + (encoding.equals("SQL_ASCII") ? "UTF-8" : encoding)
                                + ", in which this database is read: neither pg_dump nor hyperkeep can read it there",
                        "a name has the bytes of the database where it was given: rename the " + name.what()
                                + " in a database of that encoding, best to ASCII characters alone, which every database reads.");
            }
        }
    }

    private static boolean isReadable(Connection connection, String hex, String encoding) throws SQLException {
        if (encoding.equals("UTF8") || encoding.equals("SQL_ASCII")) {
            return isUtf8(HexFormat.of().parseHex(hex));
        }
        try {
            Query.one(
                    connection,
                    "SELECT convert_from(decode(" + Identifiers.literal(hex) + ", 'hex'), "
                            + Identifiers.literal(encoding) + ")",
                    row -> row.getString(1));
            return true;
        } catch (SQLException e) {
            if (UNREADABLE.contains(String.valueOf(e.getSQLState()))) {
                return false;
            }
            throw e;
        }
    }

    private static void requireUtf8(Connection connection) throws SQLException {
        record Column(String catalog, String name) {}
        List<String> reads = new ArrayList<>();
        for (Column column : Query.list(connection, COLUMNS, row -> new Column(row.getString(1), row.getString(2)))) {
            reads.add("SELECT " + Identifiers.literal(column.catalog() + "." + column.name())
                    + ", encode(convert_to(" + column.name() + "::text, 'SQL_ASCII'), 'hex') FROM pg_catalog."
                    + column.catalog() + " WHERE " + column.name() + "::text COLLATE \"C\" ~ '[^\\x01-\\x7f]'");
        }
        for (Stored text : Query.list(
                connection, String.join(" UNION ALL ", reads), row -> new Stored(row.getString(1), row.getString(2)))) {
            if (!isUtf8(HexFormat.of().parseHex(text.hex()))) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "the database is in SQL_ASCII, and " + shown(text.hex()) + " in its catalog, in pg_catalog."
                                + text.what() + ", is not UTF-8: a backup cannot hold it",
                        "rename or correct it so that its bytes are UTF-8, or move the database into one with the encoding"
                                + " of its texts: `pg_dump --encoding=SQL_ASCII`, then psql with PGCLIENTENCODING set to that"
                                + " encoding.");
            }
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Its ASCII characters as they are, the other bytes as an escape; a long text's beginning. */
    private static String shown(String hex) {
        StringBuilder shown = new StringBuilder("\"");
        for (byte b : HexFormat.of().parseHex(hex.substring(0, Math.min(hex.length(), 200)))) {
            if (b >= ' ' && b < 127) {
                shown.append((char) b);
            } else {
                shown.append("\\x").append(HexFormat.of().toHexDigits(b));
            }
        }
        return shown.append('"').toString();
    }
}

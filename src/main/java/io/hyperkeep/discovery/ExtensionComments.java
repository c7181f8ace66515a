package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds comments on extensions that are not those that the extensions bring. Thread-safe: it has no state. */
public final class ExtensionComments {
    /**
     * Whether the comment is a user's; {@code e} is bound to pg_extension. TimescaleDB adds its edition, in parentheses, to
     * the comment of its control file.
     */
    static final String IS_USERS = """
            EXISTS (SELECT FROM (SELECT obj_description(e.oid, 'pg_extension') AS now,
                                        (SELECT a.comment FROM pg_catalog.pg_available_extensions a
                                          WHERE a.name = e.extname) AS brought) c
                     WHERE c.now IS DISTINCT FROM c.brought
                       AND (e.extname <> 'timescaledb'
                            OR split_part(c.now, ' (', 1) IS DISTINCT FROM split_part(c.brought, ' (', 1)))""";

    private ExtensionComments() {}

    /** Such comments by the extensions' names; null where users took the comment away. */
    public static Map<String, @Nullable String> read(Connection connection) throws SQLException {
        Map<String, @Nullable String> comments = new LinkedHashMap<>();
        Query.list(
                connection,
                "SELECT e.extname, obj_description(e.oid, 'pg_extension') FROM pg_catalog.pg_extension e"
                        + " WHERE e.extname <> 'plpgsql' AND " + IS_USERS + " ORDER BY e.extname",
                row -> {
                    comments.put(row.getString(1), row.getString(2));
                    return row.getString(1);
                });
        return comments;
    }
}

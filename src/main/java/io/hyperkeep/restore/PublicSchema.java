package io.hyperkeep.restore;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The schema {@code public}: every new database has it, and a source that dropped it has not. */
public final class PublicSchema {
    private static final String NAME = "public";

    /** Objects depend on it. */
    private static final String IN_USE = "2BP01";

    private PublicSchema() {}

    /**
     * Drops it from a new database if the source had none.
     *
     * @param connection in auto-commit mode
     */
    public static void dropUnlessInSource(Connection connection, Manifest manifest) throws SQLException {
        if (isInSource(manifest)) {
            return;
        }
        try {
            Query.execute(connection, "DROP SCHEMA IF EXISTS public RESTRICT");
        } catch (SQLException e) {
            // what the server's template brings is not ours to drop: the comparison names the schema
            if (!IN_USE.equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    /** Whether a database has it although the source had none. */
    static boolean isMore(Connection connection, Manifest manifest) throws SQLException {
        return !isInSource(manifest)
                && Query.one(
                        connection,
                        "SELECT pg_catalog.to_regnamespace('public') IS NOT NULL",
                        row -> row.getBoolean(1));
    }

    private static boolean isInSource(Manifest manifest) {
        List<SchemaObject> objects = manifest.objects();
        // an earlier version did not note it
        return objects == null
                || objects.stream()
                        .anyMatch(object ->
                                object.kind().equals("schema") && object.name().equals(NAME));
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Creates the target as the source was: the same encoding and locale, and the same tablespace where the server has it. */
final class CreateDatabase {
    /** The database that every server has unless somebody dropped it. */
    private static final String MAINTENANCE = "postgres";

    private CreateDatabase() {}

    /**
     * Creates the database that the connections lead to, unless it exists.
     *
     * @param tablespace its default one, where the server has that; null for the server's own
     * @return whether it was created
     * @throws BackupException DENIED without the right to, UNSUITABLE when the server does not have the source's locale
     */
    static boolean ifMissing(Connections target, Source source, @Nullable String tablespace, String application) {
        String name = target.address().database();
        try (Connection connection = maintenance(target).open(application)) {
            boolean exists = Query.one(
                    connection,
                    "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = ?)",
                    row -> row.getBoolean(1),
                    name);
            if (!exists) {
                return createUnlessThere(connection, name, source, existing(connection, tablespace));
            }
            return false;
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create database " + name, e);
        }
    }

    private static @Nullable String existing(Connection connection, @Nullable String tablespace) throws SQLException {
        return tablespace != null
                        && Query.one(
                                connection,
                                "SELECT EXISTS (SELECT FROM pg_catalog.pg_tablespace WHERE spcname = ?)",
                                row -> row.getBoolean(1),
                                tablespace)
                ? tablespace
                : null;
    }

    /** The whole statement; a server up to 14 has no locale providers. */
    static String sql(String name, Source source, @Nullable String tablespace, int serverMajor) {
        StringBuilder sql = new StringBuilder("CREATE DATABASE ")
                .append(Identifiers.quote(name))
                .append(" TEMPLATE template0 ENCODING ")
                .append(Identifiers.literal(source.encoding()))
                .append(" LC_COLLATE ")
                .append(Identifiers.literal(source.collation()))
                .append(" LC_CTYPE ")
                .append(Identifiers.literal(source.characterType()));
        if (serverMajor >= 15) {
            String provider =
                    switch (source.localeProvider()) {
                        case "i" -> "icu";
                        case "b" -> "builtin";
                        default -> "libc";
                    };
            sql.append(" LOCALE_PROVIDER ").append(provider);
            if (source.locale() != null && !provider.equals("libc")) {
                sql.append(provider.equals("icu") ? " ICU_LOCALE " : " BUILTIN_LOCALE ")
                        .append(Identifiers.literal(source.locale()));
            }
        }
        if (tablespace != null) {
            sql.append(" TABLESPACE ").append(Identifiers.quote(tablespace));
        }
        return sql.toString();
    }

    /** Nobody can create or drop the database that he is in. */
    private static Connections maintenance(Connections target) {
        return target.withDatabase(target.address().database().equals(MAINTENANCE) ? "template1" : MAINTENANCE);
    }

    /**
     * Drops the database that the connections lead to, unless somebody is in it.
     *
     * @throws BackupException when the server refuses
     */
    static void drop(Connections target, String application) {
        String name = target.address().database();
        try (Connection connection = maintenance(target).open(application)) {
            Query.execute(connection, "DROP DATABASE " + Identifiers.quote(name));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot drop database " + name, e);
        }
    }

    private static boolean createUnlessThere(
            Connection connection, String name, Source source, @Nullable String tablespace) throws SQLException {
        try {
            create(connection, name, source, tablespace);
            return true;
        } catch (SQLException e) {
            // somebody was faster; whether it is fit is looked at next, as for any other database
            if (!"42P04".equals(e.getSQLState())) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Creates a database that must not be there.
     *
     * @param connection to another database of the server
     * @param tablespace its default one, or null for the server's own
     * @throws SQLException also when it is there
     * @throws BackupException as {@link #ifMissing}
     */
    static void create(Connection connection, String name, Source source, @Nullable String tablespace)
            throws SQLException {
        int major = Query.one(
                connection, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
        try {
            Query.execute(connection, sql(name, source, tablespace, major));
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.equals("42501")) {
                String user = connection.getMetaData().getUserName();
                throw new BackupException(
                        Problem.DENIED,
                        "role " + user + " may not create database " + name,
                        "ALTER ROLE " + Identifiers.quote(user)
                                + " CREATEDB, or create the database and restore without --create-database",
                        e);
            }
            // 42809: the operating system or ICU has no such locale; 22023: not with this encoding or provider
            if (state.equals("42809") || state.equals("22023") || state.equals("42601")) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        ServerErrors.translate("cannot create database " + name + " with the source's locale", e)
                                .getMessage(),
                        "install locale " + source.collation()
                                + " on the target's machine, or create the database with another one and restore"
                                + " without --create-database: text may then sort differently",
                        e);
            }
            throw e;
        }
    }
}

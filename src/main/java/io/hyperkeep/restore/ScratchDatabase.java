package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Source;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * Databases that drills restore into. Thread-safe: it has no state.
 *
 * <p>Each drill draws a name that no other has and records it before the database is created: so a database of such a
 * name is a drill's own exactly when that drill's record names it.
 */
public final class ScratchDatabase {
    private static final String PREFIX = "hyperkeep_drill_";
    private static final int DIGITS = 12;

    private final Connections server;
    private final String application;

    /**
     * @param server connections to any other database of the server
     * @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12}
     */
    public ScratchDatabase(Connections server, String application) {
        this.server = server;
        this.application = application;
    }

    /** A new one on the server of these settings; it is not there yet. */
    static DatabaseSettings on(DatabaseSettings server) {
        String name = PREFIX + UUID.randomUUID().toString().replace("-", "").substring(0, DIGITS);
        return new DatabaseSettings(name, server.address().withDatabase(name), server.password(), server.clientTools());
    }

    /**
     * Creates it with the encoding and locale of a backup's source.
     *
     * @throws io.hyperkeep.problem.BackupException UNSUITABLE when there is a database of that name, or the server does
     *     not have the locale; DENIED without the right to create databases
     */
    public void create(String name, Manifest manifest) {
        Source source = manifest.source();
        try (Connection connection = server.open(application + "/create-scratch")) {
            CreateDatabase.create(connection, name, source, null);
            String comment = "restore drill of " + source.database() + " by " + application + ", which drops it";
            Query.execute(
                    connection,
                    "COMMENT ON DATABASE " + Identifiers.quote(name) + " IS " + Identifiers.literal(comment));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create database " + name, e);
        }
        try (Connection connection = server.withDatabase(name).open(application + "/create-scratch")) {
            PublicSchema.dropUnlessInSource(connection, manifest);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot prepare database " + name, e);
        }
    }

    /**
     * Drops it with whoever is still connected to it; does nothing when it is not there.
     *
     * @throws io.hyperkeep.problem.BackupException when the server refuses
     */
    public void drop(String name) {
        try (Connection connection = server.open(application + "/drop-scratch")) {
            Query.execute(connection, "DROP DATABASE IF EXISTS " + Identifiers.quote(name) + " WITH (FORCE)");
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot drop database " + name, e);
        }
    }

    /**
     * The databases of the server that are called as a drill's are, whoever made them.
     *
     * @throws io.hyperkeep.problem.BackupException when the server can not be read
     */
    public List<String> found() {
        try (Connection connection = server.open(application + "/list-scratch")) {
            return Query.list(
                    connection,
                    "SELECT datname FROM pg_catalog.pg_database WHERE datname ~ ? ORDER BY datname",
                    row -> row.getString(1),
                    "^" + PREFIX + "[0-9a-f]{" + DIGITS + "}$");
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot list the databases of " + server.address(), e);
        }
    }
}

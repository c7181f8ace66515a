package io.hyperkeep.archive;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/**
 * TimescaleDB's restoring mode of one database, from when it is entered until it is left: closing leaves it, whatever
 * happened meanwhile. In that mode no job runs, and queries see the roots of hypertables only.
 *
 * <p>The mode is a setting of the database, so it outlives sessions, processes and the server. Not thread-safe, but for
 * {@link #close()}, which comes last.
 */
public final class RestoringMode implements AutoCloseable {
    private final Connections target;
    private final String application;
    private final String schema;
    private final Consumer<String> notices;
    private boolean entered;

    /**
     * @param application what {@code pg_stat_activity} shows
     * @param schema of the extension's functions
     * @param notices told what a person may want to know, as it happens
     */
    public RestoringMode(Connections target, String application, String schema, Consumer<String> notices) {
        this.target = target;
        this.application = application;
        this.schema = schema;
        this.notices = notices;
    }

    /** Whether sessions of this database begin in that mode. */
    static boolean isOn(Connection connection) throws SQLException {
        return Query.one(
                connection,
                "SELECT coalesce(current_setting('timescaledb.restoring', true), 'off')::boolean",
                row -> row.getBoolean(1));
    }

    /** Enters it. */
    public void enter() {
        try (Connection connection = target.open(application)) {
            entered = true;
            Query.one(connection, "SELECT " + function("timescaledb_pre_restore()"), row -> row.getBoolean(1));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot begin a restore with timescaledb_pre_restore()", e);
        }
    }

    /**
     * Leaves it. Jobs are switched off before, as they would run at once: a retention policy drops what is old by now
     * within a second.
     *
     * @throws BackupException when the database does not leave it
     */
    public void leave() {
        try (Connection connection = target.open(application)) {
            jobsOff(connection);
            if (!Query.one(connection, "SELECT " + function("timescaledb_post_restore()"), row -> row.getBoolean(1))) {
                throw stays(target);
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot end a restore with timescaledb_post_restore()", e);
        }
        // the setting is what sessions begin with
        try (Connection connection = target.open(application)) {
            if (isOn(connection)) {
                throw stays(target);
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
        entered = false;
    }

    static BackupException stays(Connections target) {
        return new BackupException(
                Problem.SERVER,
                "database " + target.address().database()
                        + " is still in restoring mode after timescaledb_post_restore()",
                "see the server's log; ALTER DATABASE "
                        + Identifiers.quote(target.address().database())
                        + " RESET timescaledb.restoring, as superuser, ends it");
    }

    /**
     * Switches off every job of the users; numbers below 1000 are TimescaleDB's own. In the catalog itself, which takes
     * anything: {@code alter_job} would run users' checks, look at what may be missing, and end the server at some jobs.
     */
    static void jobsOff(Connection connection) throws SQLException {
        Query.execute(
                connection, "UPDATE " + jobs(connection) + " SET scheduled = false WHERE id >= 1000 AND scheduled");
    }

    /** The table; in some versions a view has its former name. */
    private static String jobs(Connection connection) throws SQLException {
        return Query.one(
                connection,
                "SELECT coalesce(to_regclass('_timescaledb_catalog.bgw_job'), to_regclass('_timescaledb_config.bgw_job'))",
                row -> row.getString(1));
    }

    private String function(String call) {
        return Identifiers.quote(schema) + "." + call;
    }

    /** Leaves it if that did not happen yet: the restore failed, and its database must not be left in that mode. */
    @Override
    public void close() {
        if (!entered) {
            return;
        }
        try {
            // the attempt's own connections may have been cut off
            new RestoringMode(new Connections(target.settings()), application, schema, notices).leave();
        } catch (BackupException e) {
            notices.accept("database " + target.address().database() + " may still be in restoring mode: "
                    + e.getMessage() + ". `hyperkeep repair` takes it out of it");
        }
    }
}

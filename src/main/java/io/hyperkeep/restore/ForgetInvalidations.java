package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;

/**
 * Removes what importing has marked as changed for continuous aggregates, where a session could not say that its rows
 * change none ({@link ServerCapabilities#skipsInvalidation()}). Each transaction marks one range from its lowest to its
 * highest time, gaps included; a refresh would compute those anew, and delete buckets whose raw rows are gone.
 *
 * <p>Only the log of tables that this restore has made and filled: what the source had still to do is in another one.
 * Only as superuser, because the log is TimescaleDB's own: for others more is pending than in the source, and the
 * comparison fails where that would cost rows. May be repeated. Not thread-safe.
 */
public final class ForgetInvalidations {
    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public ForgetInvalidations(Connections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    /**
     * Removes them, after all rows are in.
     *
     * @throws io.hyperkeep.problem.BackupException when the server refuses
     */
    public void run(RestorePlan plan) {
        if (plan.aggregates().isEmpty()) {
            return;
        }
        try (Connection connection = connections.open(application + "/invalidations")) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            if (server.communityEdition() && !server.skipsInvalidation() && isSuperuser(connection)) {
                Query.execute(connection, delete(plan));
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot clear the invalidation log of " + connections.address(), e);
        }
    }

    private static boolean isSuperuser(Connection connection) throws SQLException {
        return Query.one(
                connection,
                "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user",
                row -> row.getBoolean(1));
    }

    private static String delete(RestorePlan plan) {
        String tables = plan.hypertables().stream()
                .map(TableEntry::name)
                .map(name -> "(" + Identifiers.literal(name.schema()) + ", " + Identifiers.literal(name.name()) + ")")
                .collect(Collectors.joining(", "));
        return "DELETE FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log WHERE hypertable_id IN"
                + " (SELECT id FROM _timescaledb_catalog.hypertable WHERE (schema_name, table_name) IN (" + tables + ")"
                + " UNION SELECT mat_hypertable_id FROM _timescaledb_catalog.continuous_agg"
                + " WHERE (user_view_schema, user_view_name) IN (" + tables + "))";
    }
}

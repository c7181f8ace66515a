package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.HypertableDdl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Makes empty tables hypertables, as the manifest says. Repeatable: the ledger says which ones are. */
public final class CreateHypertables {
    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public CreateHypertables(Connections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    /**
     * Creates them, each in one transaction with its row in the ledger.
     *
     * @throws BackupException when the server refuses
     */
    public void run(RestorePlan plan) {
        List<TableEntry> hypertables = plan.hypertables().stream()
                .filter(table -> table.kind() == TableEntry.Kind.HYPERTABLE)
                .toList();
        if (hypertables.isEmpty()) {
            return;
        }
        Ledger ledger = Ledger.of(plan);
        try (Connection connection = connections.open(application + "/create-hypertables")) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            String timescale = server.timescaleSchema();
            if (timescale == null) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "TimescaleDB is not in database "
                                + connections.address().database(),
                        "somebody dropped the extension during the restore; start over with an empty database");
            }
            Set<String> done = ledger.done(connection);
            connection.setAutoCommit(false);
            for (TableEntry table : hypertables) {
                String item = "hypertable " + table.name();
                if (!done.contains(item)) {
                    create(connection, ledger, item, table, timescale);
                }
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot create hypertables in " + connections.address(), e);
        }
    }

    private static void create(Connection connection, Ledger ledger, String item, TableEntry table, String timescale) {
        try {
            ledger.enter(connection, item, 0, null, false);
            Query.execute(
                    connection,
                    HypertableDdl.statements(table.name(), Objects.requireNonNull(table.hypertable()), timescale)
                            .toArray(String[]::new));
            connection.commit();
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot make " + table.name() + " a hypertable", e);
        }
    }
}

package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Drops chunks that were created ahead and got no row: which chunks a table needs that is divided otherwise than its
 * source, or of which only some rows are restored, is known for certain only when the rows are in. Repeatable. Not
 * thread-safe.
 */
public final class DropEmptyChunks {
    // two locks for each chunk and its indexes, out of a lock table that holds 6,400 by default
    private static final int BATCH = 50;

    private final Connections connections;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public DropEmptyChunks(Connections connections, String application) {
        this.connections = connections;
        this.application = application;
    }

    /**
     * Drops them, of tables that were created by this restore.
     *
     * @throws io.hyperkeep.problem.BackupException when the server refuses
     */
    public void run(RestorePlan plan) {
        List<TableEntry> tables = plan.guessedChunks();
        if (tables.isEmpty()) {
            return;
        }
        try (Connection connection = connections.open(application + "/drop-chunks")) {
            Map<TableName, List<DiscoveredChunk>> chunks =
                    new DiscoverDatabase().chunks(connection, ServerCapabilities.of(connection));
            for (TableEntry table : tables) {
                drop(connection, chunks.getOrDefault(table.name(), List.of()));
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot drop empty chunks in " + connections.address(), e);
        }
    }

    private static void drop(Connection connection, List<DiscoveredChunk> chunks) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (DiscoveredChunk chunk : chunks) {
            String relation = Identifiers.quote(chunk.name());
            if (!Query.<Boolean>one(
                    connection, "SELECT EXISTS (SELECT FROM " + relation + ")", row -> row.getBoolean(1))) {
                statements.add("DROP TABLE " + relation);
            }
            if (statements.size() == BATCH) {
                CreateChunks.inTransaction(connection, statements);
                statements.clear();
            }
        }
        if (!statements.isEmpty()) {
            CreateChunks.inTransaction(connection, statements);
        }
    }
}

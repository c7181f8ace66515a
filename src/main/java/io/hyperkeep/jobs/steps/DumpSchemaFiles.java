package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.schema.DumpSchema;
import io.hyperkeep.schema.SchemaDump;
import io.hyperkeep.schema.SchemaRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Dumps everything that is no row, in the snapshot that the rows are read in. */
public final class DumpSchemaFiles implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) throws IOException {
        BackupAttempt.Source source = attempt.source();
        DumpSchema dump = new DumpSchema(
                attempt.connections(),
                new ClientTools(attempt.plan().database()),
                "hyperkeep/" + attempt.run() + "/dump-schema",
                attempt.plan().lockTimeout());
        // on the machine's own temporary disk: it holds no rows
        Path work = Files.createTempDirectory("hyperkeep-schema-");
        try {
            SchemaDump dumped = source.sessions()
                    .withHolder(holder -> dump.run(
                            holder,
                            source.sessions().snapshot().id(),
                            request(source.inventory(), source.server(), attempt),
                            work,
                            attempt.draft().repository().store(),
                            attempt.draft().path()));
            attempt.warn(dumped.warnings());
            attempt.dumped(dumped);
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot dump the schema of " + attempt.connections().address(), e);
        } finally {
            Files.deleteIfExists(work);
        }
    }

    private static SchemaRequest request(Inventory inventory, ServerCapabilities server, BackupAttempt attempt) {
        Set<TableName> tables =
                inventory.tables().stream().map(DiscoveredTable::name).collect(Collectors.toSet());
        Map<TableName, Hypertable> hypertables = new LinkedHashMap<>();
        for (DiscoveredTable table : inventory.tables()) {
            Hypertable settings = table.structure().hypertable();
            if (settings != null) {
                hypertables.put(table.name(), settings);
            }
        }
        Set<TableName> chunks = inventory.tables().stream()
                .flatMap(table -> table.chunks().stream())
                .map(DiscoveredChunk::name)
                .collect(Collectors.toSet());
        return new SchemaRequest(
                tables,
                hypertables,
                chunks,
                attempt.plan().selection().include().isEmpty(),
                server.timescaleSchema());
    }
}

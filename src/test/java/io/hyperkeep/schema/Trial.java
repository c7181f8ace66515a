package io.hyperkeep.schema;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.TestConnections;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.storage.LocalStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One dump of a test database, and what can be done with it. */
record Trial(TimescaleServer server, SchemaDump dump, Map<TableName, Hypertable> hypertables, Path folder) {
    /** Dumps as a backup does: in an exported snapshot, with what discovery says about it. */
    static Trial dump(TimescaleServer server, String uri, TableSelection selection, Path folder)
            throws SQLException, IOException {
        Connections source = TestConnections.to(uri, server.clientTools());
        Path work = Files.createTempDirectory(folder, "work");
        try (Connection holder = source.open("hyperkeep/test/holder")) {
            Query.execute(holder, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            String snapshot = Query.one(holder, "SELECT pg_export_snapshot()", row -> row.getString(1));
            ServerCapabilities capabilities = ServerCapabilities.of(holder);
            DiscoverDatabase discover = new DiscoverDatabase();
            Inventory inventory = discover.inventory(holder, capabilities, selection::selects);
            SchemaRequest request = SchemaRequest.of(
                    inventory, capabilities, selection.include().isEmpty());
            SchemaDump dump = new DumpSchema(
                            source, new ClientTools(source.settings()), "hyperkeep/test/dump", Duration.ofSeconds(3))
                    .run(holder, snapshot, request, work, new LocalStore(folder), "db/backups/1");
            return new Trial(server, dump, request.hypertables(), folder.resolve("db/backups/1"));
        }
    }

    /** Restores all of it into a new database with TimescaleDB, without rows; returns its address. */
    String restore() throws SQLException {
        String target = server.createDatabase("schema_target", !hypertables.isEmpty());
        restore(target);
        return target;
    }

    void restore(String target) throws SQLException {
        run(target, Section.PRE_DATA);
        try (Connection connection =
                TestConnections.to(target, server.clientTools()).open("hyperkeep/test/hypertables")) {
            for (Map.Entry<TableName, Hypertable> hypertable : hypertables.entrySet()) {
                for (String sql : HypertableDdl.statements(hypertable.getKey(), hypertable.getValue(), "public")) {
                    Query.execute(connection, sql);
                }
            }
        }
        run(target, Section.POST_DATA);
    }

    private void run(String target, Section section) {
        restorer(target)
                .run(file(section), preamble(section), entries(section), RenameSql.SAME, entry -> Optional.empty());
    }

    RestoreSchema restorer(String target) {
        Connections connections = TestConnections.to(target, server.clientTools());
        return new RestoreSchema(
                connections,
                new ClientTools(connections.settings()).find("psql", server.serverMajor()),
                "hyperkeep/test/restore",
                "",
                Duration.ofMinutes(2));
    }

    List<SchemaEntry> entries(Section section) {
        return dump.files().entries().stream()
                .filter(entry -> entry.section() == section)
                .toList();
    }

    Path file(Section section) {
        return folder.resolve("schema")
                .resolve(section == Section.PRE_DATA ? DumpSchema.PRE_DATA : DumpSchema.POST_DATA);
    }

    int preamble(Section section) {
        return section == Section.PRE_DATA
                ? dump.files().preambleLength().preData()
                : dump.files().preambleLength().postData();
    }

    /** Each entry's statements by its label, without the header, whose numbers differ from database to database. */
    Map<String, String> statements() throws IOException {
        Map<String, String> statements = new TreeMap<>();
        for (SchemaEntry entry : dump.files().entries()) {
            byte[] file = Files.readAllBytes(file(entry.section()));
            String text = new String(file, (int) entry.offset(), entry.length(), StandardCharsets.UTF_8);
            String body = text.substring(text.indexOf("\n--\n\n") + 5);
            // no other object has both this label and this text, so nothing is hidden by the map
            statements.merge(entry.label() + " of " + entry.owner(), body, (one, two) -> one + two);
        }
        return statements;
    }

    List<String> warnings() {
        return dump.warnings().stream()
                .map(warning -> warning.code() + ": " + warning.text())
                .toList();
    }
}

package io.hyperkeep.check;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.discovery.TableList;
import io.hyperkeep.export.LockBudget;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.SelectTables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The database that is checked, as the catalogs show it to anybody who may connect.
 *
 * @param connection in auto-commit mode
 * @param server what the server can do
 * @param database its name
 * @param role who we are there
 * @param request the backup that is thought of
 * @param there every table of the users' by name
 * @param selection which of them the backup would hold
 * @param tables every table of the users', selected or not
 */
record Subject(
        Connection connection,
        ServerCapabilities server,
        String database,
        String role,
        CheckRequest request,
        TableList there,
        SelectTables.Selected selection,
        List<CheckedTable> tables) {
    private static final String TABLES = """
            SELECT n.nspname, c.relname, c.oid::bigint,
                   CASE WHEN c.relkind = 'r' THEN coalesce(pg_table_size(c.oid), 0) ELSE 0 END,
                   has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'),
                   has_table_privilege(c.oid, ?), c.relkind = 'p' OR NOT row_security_active(c.oid)
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
             ORDER BY n.nspname, c.relname""";

    static Subject read(Connection connection, ServerCapabilities server, CheckRequest request) throws SQLException {
        DiscoverDatabase discover = new DiscoverDatabase();
        TableList there = discover.tables(connection, server);
        SelectTables.Selected selection = SelectTables.resolve(request.selection(), there.tables(), there.aggregates());
        Set<TableName> selected = Set.copyOf(selection.tables());
        Set<TableName> all = Set.copyOf(there.tables());
        Map<TableName, TableName> names = new HashMap<>();
        List<TableName> relations = there.relations(there.tables());
        for (int i = 0; i < relations.size(); i++) {
            names.put(relations.get(i), there.tables().get(i));
        }
        Map<TableName, List<DiscoveredChunk>> hypertables = discover.chunks(connection, server);
        List<CheckedTable> tables = Query.list(
                        connection,
                        TABLES,
                        row -> {
                            TableName relation = new TableName(row.getString(1), row.getString(2));
                            TableName name = names.getOrDefault(relation, relation);
                            boolean hypertable = hypertables.containsKey(name);
                            return new CheckedTable(
                                    name,
                                    row.getLong(3),
                                    selected.contains(name),
                                    hypertable,
                                    row.getLong(4),
                                    hypertables.getOrDefault(name, List.of()),
                                    new CheckedTable.Allowed(
                                            row.getBoolean(5),
                                            row.getBoolean(6),
                                            row.getBoolean(7),
                                            // a hypertable is read by its chunks, which have no policies
                                            hypertable || row.getBoolean(8)));
                        },
                        LockBudget.rowSharePrivileges(server.serverMajor()))
                .stream()
                .filter(table -> all.contains(table.name()))
                .toList();
        return Query.one(
                connection,
                "SELECT current_database(), current_user",
                row -> new Subject(
                        connection, server, row.getString(1), row.getString(2), request, there, selection, tables));
    }

    /** Tables whose rows are to be backed up. */
    List<CheckedTable> selected() {
        return tables.stream().filter(CheckedTable::selected).toList();
    }

    /** The relations that a backup would lock. */
    List<TableName> relationsToLock() {
        return there.relations(selection.tables());
    }
}

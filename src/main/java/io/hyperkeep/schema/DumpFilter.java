package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The filter file that keeps chunks in the users' schemas out of pg_dump.
 *
 * <p>It saves time and locks only: chunks that come through are dropped by name afterwards.
 */
final class DumpFilter {
    private static final String RELATIONS = """
            SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')""";

    private DumpFilter() {}

    static String of(Connection connection, Set<TableName> chunks) throws SQLException {
        Map<String, Set<String>> schemas = chunks.stream()
                .filter(chunk -> !chunk.schema().startsWith("_timescaledb_"))
                .collect(Collectors.groupingBy(
                        TableName::schema, TreeMap::new, Collectors.mapping(TableName::name, Collectors.toSet())));
        StringBuilder filter = new StringBuilder();
        for (Map.Entry<String, Set<String>> schema : schemas.entrySet()) {
            List<String> relations = Query.list(connection, RELATIONS, row -> row.getString(1), schema.getKey());
            String prefix = "exclude table " + Identifiers.quote(schema.getKey()) + ".";
            if (schema.getValue().containsAll(new HashSet<>(relations))) {
                // one pattern instead of thousands, each of which would be a query of pg_dump's
                filter.append(prefix).append("*\n");
            } else {
                schema.getValue().stream().sorted().forEach(chunk -> filter.append(prefix)
                        .append(Identifiers.quote(chunk))
                        .append('\n'));
            }
        }
        return filter.toString();
    }
}

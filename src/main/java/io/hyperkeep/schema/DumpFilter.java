package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The patterns that keep TimescaleDB's internal relations out of pg_dump: as few as possible, as each is a query of
 * pg_dump's.
 *
 * <p>They save time and locks only: internal relations that come through are dropped by name afterwards.
 */
final class DumpFilter {
    private static final String RELATIONS = """
            SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                                WHERE x.classid = c.tableoid AND x.objid = c.oid AND x.deptype = 'e')""";

    private DumpFilter() {}

    /** Patterns as {@code --exclude-table} takes them; they match no other relation of a user's. */
    static List<String> of(Connection connection, Set<TableName> internal) throws SQLException {
        Map<String, Set<String>> schemas = internal.stream()
                .collect(Collectors.groupingBy(
                        TableName::schema, TreeMap::new, Collectors.mapping(TableName::name, Collectors.toSet())));
        List<String> patterns = new ArrayList<>();
        for (Map.Entry<String, Set<String>> schema : schemas.entrySet()) {
            TreeSet<String> kept =
                    new TreeSet<>(Query.list(connection, RELATIONS, row -> row.getString(1), schema.getKey()));
            kept.removeAll(schema.getValue());
            for (String name : names(schema.getValue(), kept)) {
                patterns.add(Identifiers.quote(schema.getKey()) + "." + name);
            }
        }
        return patterns;
    }

    /** Patterns that match every left name and no kept one. */
    static Set<String> names(Set<String> left, TreeSet<String> kept) {
        Set<String> patterns = new TreeSet<>();
        for (String name : left) {
            patterns.add(pattern(name, kept));
        }
        return patterns;
    }

    /** The shortest beginning of a name that no kept one has. */
    private static String pattern(String name, TreeSet<String> kept) {
        if (kept.isEmpty()) {
            return "*";
        }
        for (int end = 0; end < name.length(); ) {
            end = name.offsetByCodePoints(end, 1);
            String beginning = name.substring(0, end);
            String next = kept.ceiling(beginning);
            if (next == null || !next.startsWith(beginning)) {
                return Identifiers.quote(beginning) + "*";
            }
        }
        return Identifiers.quote(name);
    }
}

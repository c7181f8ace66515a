package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.NamedDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Columns, constraints, indexes and triggers of many tables, each sort read with one query.
 *
 * <p>Definitions are PostgreSQL's own text with an empty search path: equal text means an equal object.
 */
final class TableStructures {
    private final Map<Long, List<Column>> columns;
    private final Map<Long, List<NamedDefinition>> constraints;
    private final Map<Long, List<NamedDefinition>> indexes;
    private final Map<Long, List<NamedDefinition>> triggers;

    private TableStructures(
            Map<Long, List<Column>> columns,
            Map<Long, List<NamedDefinition>> constraints,
            Map<Long, List<NamedDefinition>> indexes,
            Map<Long, List<NamedDefinition>> triggers) {
        this.columns = columns;
        this.constraints = constraints;
        this.indexes = indexes;
        this.triggers = triggers;
    }

    static TableStructures read(Connection connection, Long[] oids) throws SQLException {
        return new TableStructures(
                readColumns(connection, oids),
                // NOT NULL is the column's: PostgreSQL 18 also lists it as a constraint, earlier ones do not.
                // A foreign key to a table with chunks or partitions has a part for each of them, made with it.
                readDefinitions(connection, """
                        SELECT k.conrelid::bigint, k.conname, pg_get_constraintdef(k.oid)
                          FROM pg_catalog.pg_constraint k
                         WHERE k.conrelid = ANY (?) AND k.contype <> 'n' AND k.contype <> 't'
                           AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint parent
                                            WHERE parent.oid = k.conparentid AND parent.conrelid = k.conrelid)
                         ORDER BY k.conname
                        """, oids),
                readDefinitions(connection, """
                        SELECT i.indrelid::bigint, c.relname, pg_get_indexdef(i.indexrelid)
                          FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                          JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
                         WHERE i.indrelid = ANY (?) AND %s
                           AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                                            WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
                         ORDER BY c.relname
                        """.formatted(InvalidIndexes.DUMPED), oids),
                // TimescaleDB up to 2.22 adds triggers of its own to every hypertable
                readDefinitions(connection, """
                        SELECT t.tgrelid::bigint, t.tgname,
                               pg_get_triggerdef(t.oid)
                               || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' [' || t.tgenabled::text || ']' END
                          FROM pg_catalog.pg_trigger t
                         WHERE t.tgrelid = ANY (?) AND NOT t.tgisinternal
                           AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                             JOIN pg_catalog.pg_extension e
                                               ON e.oid = d.refobjid AND e.extname = 'timescaledb'
                                            WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = t.tgfoid
                                              AND d.refclassid = 'pg_catalog.pg_extension'::regclass
                                              AND d.deptype = 'e')
                         ORDER BY t.tgname
                        """, oids));
    }

    List<Column> columns(long oid) {
        return columns.getOrDefault(oid, List.of());
    }

    List<NamedDefinition> constraints(long oid) {
        return constraints.getOrDefault(oid, List.of());
    }

    List<NamedDefinition> indexes(long oid) {
        return indexes.getOrDefault(oid, List.of());
    }

    List<NamedDefinition> triggers(long oid) {
        return triggers.getOrDefault(oid, List.of());
    }

    private record Of<T>(long table, T value) {}

    private static Map<Long, List<Column>> readColumns(Connection connection, Long[] oids) throws SQLException {
        return byTable(Query.list(
                connection,
                """
                SELECT a.attrelid::bigint, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                       pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
                       CASE WHEN a.attcollation <> t.typcollation
                            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END
                  FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                  LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
                  LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                 WHERE a.attrelid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY a.attrelid, a.attnum
                """,
                row -> new Of<>(
                        row.getLong(1),
                        new Column(
                                row.getString(2),
                                row.getString(3),
                                row.getBoolean(4),
                                row.getString(5),
                                row.getString(6),
                                row.getString(7),
                                row.getString(8))),
                (Object) oids));
    }

    private static Map<Long, List<NamedDefinition>> readDefinitions(Connection connection, String sql, Long[] oids)
            throws SQLException {
        return byTable(Query.list(
                connection,
                sql,
                row -> new Of<>(row.getLong(1), new NamedDefinition(row.getString(2), row.getString(3))),
                (Object) oids));
    }

    private static <T> Map<Long, List<T>> byTable(List<Of<T>> rows) {
        return rows.stream()
                .collect(Collectors.groupingBy(Of::table, Collectors.mapping(Of::value, Collectors.toList())));
    }
}

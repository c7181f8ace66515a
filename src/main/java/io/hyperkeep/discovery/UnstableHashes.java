package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tables that are divided by hashes which are others in another database: the hash of an enum's value is of its oid, that of
 * a text under a nondeterministic collation is of what the collation's library makes of it. Rows of such a partition may
 * belong to another one where they are restored.
 *
 * @param roots the partitioned table whose hashes decide, for each of its partitions that has rows
 * @param dimensions hypertables that have a hash dimension of that sort, with its column
 */
public record UnstableHashes(Map<TableName, TableName> roots, Map<TableName, String> dimensions) {
    /**
     * Types whose hash is not of the value alone, and types that are made of such: {@code of} is the type that was asked
     * for. What PostgreSQL itself does not bring along, and operator classes of others, may do anything.
     */
    private static final String TYPES = """
            parts(type, of) AS (
                SELECT type, type FROM asked
                UNION
                SELECT x.part, parts.of
                  FROM parts JOIN pg_catalog.pg_type t ON t.oid = parts.type
                 CROSS JOIN LATERAL (
                       SELECT t.typelem UNION ALL SELECT t.typbasetype
                       UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
                       UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                                  WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS x(part)
                 WHERE x.part <> 0),
            unstable(type) AS (
                SELECT parts.of FROM parts JOIN pg_catalog.pg_type t ON t.oid = parts.type
                 WHERE t.typtype = 'e'
                    OR t.oid IN ('regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regoperator'::regtype,
                                 'regclass'::regtype, 'regtype'::regtype, 'regrole'::regtype, 'regnamespace'::regtype,
                                 'regconfig'::regtype, 'regdictionary'::regtype, 'regcollation'::regtype)
                    OR t.typtype = 'b' AND t.typcategory <> 'A' AND t.typnamespace <> 'pg_catalog'::regnamespace
                    OR EXISTS (SELECT FROM pg_catalog.pg_collation c
                                WHERE NOT c.collisdeterministic
                                  AND (c.oid = t.typcollation
                                       OR c.oid IN (SELECT r.rngcollation FROM pg_catalog.pg_range r
                                                     WHERE t.oid IN (r.rngtypid, r.rngmultitypid))
                                       OR c.oid IN (SELECT a.attcollation FROM pg_catalog.pg_attribute a
                                                     WHERE a.attrelid = t.typrelid AND a.attnum > 0))))""";

    private static final String PARTITIONS = """
            WITH RECURSIVE key AS (
                SELECT p.partrelid, k.attnum, k.opclass, k.coll, a.atttypid
                  FROM pg_catalog.pg_partitioned_table p
                 CROSS JOIN LATERAL ROWS FROM (unnest(p.partattrs::int2[]), unnest(p.partclass::oid[]),
                                               unnest(p.partcollation::oid[])) AS k(attnum, opclass, coll)
                  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
                 WHERE p.partstrat = 'h'),
            asked(type) AS (SELECT atttypid FROM key WHERE atttypid IS NOT NULL),
            """ + TYPES + """
            ,
            node(oid) AS (
                SELECT key.partrelid FROM key JOIN pg_catalog.pg_opclass o ON o.oid = key.opclass
                 WHERE o.opcnamespace <> 'pg_catalog'::regnamespace
                    OR key.atttypid IN (SELECT type FROM unstable)
                    OR key.coll IN (SELECT c.oid FROM pg_catalog.pg_collation c WHERE NOT c.collisdeterministic)
                    -- an expression, of which the operator class alone tells the type
                    OR key.atttypid IS NULL
                       AND o.opcintype IN ('anyenum'::regtype, 'anyarray'::regtype, 'record'::regtype, 'anyrange'::regtype,
                                           'anymultirange'::regtype, 'oid'::regtype)),
            below(oid, root, depth) AS (
                SELECT i.inhrelid, node.oid, 1 FROM node JOIN pg_catalog.pg_inherits i ON i.inhparent = node.oid
                UNION ALL
                SELECT i.inhrelid, b.root, b.depth + 1 FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid)
            SELECT DISTINCT ON (b.oid) n.nspname, c.relname, rn.nspname, r.relname
              FROM below b
              JOIN pg_catalog.pg_class c ON c.oid = b.oid AND c.relkind = 'r'
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_class r ON r.oid = b.root
              JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
             ORDER BY b.oid, b.depth DESC
            """;

    /** TimescaleDB hashes a value as PostgreSQL does; what a function of the user's does is the user's. */
    private static final String DIMENSIONS = """
            WITH RECURSIVE dimension AS (
                SELECT h.schema_name, h.table_name, d.column_name, a.atttypid, a.attcollation
                  FROM _timescaledb_catalog.dimension d
                  JOIN _timescaledb_catalog.hypertable h ON h.id = d.hypertable_id
                  JOIN pg_catalog.pg_namespace n ON n.nspname = h.schema_name
                  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = h.table_name
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = d.column_name
                 WHERE d.num_slices IS NOT NULL AND d.partitioning_func = 'get_partition_hash'
                   AND starts_with(d.partitioning_func_schema::text, '_timescaledb_')),
            asked(type) AS (SELECT atttypid FROM dimension),
            """ + TYPES + """

            SELECT d.schema_name, d.table_name, d.column_name FROM dimension d
             WHERE d.atttypid IN (SELECT type FROM unstable)
                OR d.attcollation IN (SELECT c.oid FROM pg_catalog.pg_collation c WHERE NOT c.collisdeterministic)
            """;

    public UnstableHashes {
        roots = Map.copyOf(roots);
        dimensions = Map.copyOf(dimensions);
    }

    /** Reads the catalog. */
    public static UnstableHashes of(Connection connection) throws SQLException {
        Map<TableName, TableName> roots = new HashMap<>();
        Query.list(
                connection,
                PARTITIONS,
                row -> roots.put(
                        new TableName(row.getString(1), row.getString(2)),
                        new TableName(row.getString(3), row.getString(4))));
        Map<TableName, String> dimensions = new TreeMap<>();
        if (ServerCapabilities.of(connection).hasTimescale()) {
            Query.list(
                    connection,
                    DIMENSIONS,
                    row -> dimensions.put(new TableName(row.getString(1), row.getString(2)), row.getString(3)));
        }
        return new UnstableHashes(roots, dimensions);
    }

    /** The table whose rows stay its own: the one that decides on its partitions', else the table itself. */
    public TableName rootOf(TableName table) {
        return roots.getOrDefault(table, table);
    }

    /** Whether rows of this table may be in another one, after a restore. */
    public boolean moves(TableName table) {
        return roots.containsKey(table);
    }

    /** Every table that has such partitions. */
    public Set<TableName> divided() {
        return new HashSet<>(roots.values());
    }
}

package io.hyperkeep.schema;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the catalog says about the objects of a dump, read in the dump's own snapshot.
 *
 * @param tables the table that an object is or belongs to, by the table's real name
 * @param parents each partition's or inheriting table's parents
 * @param populated materialized views that hold rows, with their real names
 * @param timescaleTriggers triggers that TimescaleDB made by itself
 * @param aggregates views of continuous aggregates, with their real names
 * @param reads what the queries of continuous aggregates read and call, by their views
 * @param timescaleUsers objects that use what TimescaleDB brings, e.g. a view that calls {@code time_bucket}
 * @param internal relations that TimescaleDB makes for itself, chunks among them
 * @param internalUsers objects that use TimescaleDB's internal tables, e.g. a view on a single chunk
 * @param inherited what tables have from single chunks
 */
record SchemaCatalog(
        Map<CatalogObject, TableName> tables,
        Map<TableName, Set<TableName>> parents,
        Map<CatalogObject, TableName> populated,
        Set<CatalogObject> timescaleTriggers,
        Map<CatalogObject, TableName> aggregates,
        Map<CatalogObject, Set<CatalogObject>> reads,
        Set<CatalogObject> timescaleUsers,
        Set<TableName> internal,
        Set<CatalogObject> internalUsers,
        Map<CatalogObject, List<FromChunk>> inherited) {
    /**
     * A chunk that a table inherits from.
     *
     * @param printed its name as pg_dump prints it
     * @param columns definitions of the columns and checks that the table has from the chunk alone; may be empty
     */
    record FromChunk(String printed, String columns) {}

    /** An object and the table that it belongs to, for each kind of object that can belong to one. */
    private static final String TABLES = """
            WITH dumped(oid) AS (SELECT unnest(?::oid[])),
            owned(catalog, oid, relation) AS (
              SELECT c.tableoid, c.oid,
                     CASE WHEN c.relkind IN ('r', 'p') THEN c.oid ELSE coalesce(i.indrelid, d.refobjid) END
                FROM dumped JOIN pg_catalog.pg_class c USING (oid)
                LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
                LEFT JOIN pg_catalog.pg_depend d
                  ON c.relkind = 'S' AND d.classid = c.tableoid AND d.objid = c.oid AND d.objsubid = 0
                 AND d.refclassid = c.tableoid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
              UNION ALL SELECT o.tableoid, o.oid, o.adrelid FROM dumped JOIN pg_catalog.pg_attrdef o USING (oid)
              UNION ALL SELECT o.tableoid, o.oid, o.conrelid FROM dumped JOIN pg_catalog.pg_constraint o USING (oid)
              UNION ALL SELECT o.tableoid, o.oid, o.tgrelid FROM dumped JOIN pg_catalog.pg_trigger o USING (oid)
              UNION ALL SELECT o.tableoid, o.oid, o.ev_class FROM dumped JOIN pg_catalog.pg_rewrite o USING (oid)
              UNION ALL SELECT o.tableoid, o.oid, o.polrelid FROM dumped JOIN pg_catalog.pg_policy o USING (oid)
              UNION ALL SELECT o.tableoid, o.oid, o.prrelid FROM dumped JOIN pg_catalog.pg_publication_rel o USING (oid)
              UNION ALL SELECT o.tableoid, o.oid, o.stxrelid FROM dumped JOIN pg_catalog.pg_statistic_ext o USING (oid))
            SELECT owned.catalog::bigint, owned.oid::bigint, n.nspname, c.relname
              FROM owned JOIN pg_catalog.pg_class c ON c.oid = owned.relation AND c.relkind IN ('r', 'p')
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace""";

    private static final String PARENTS = """
            SELECT cn.nspname, c.relname, pn.nspname, p.relname
              FROM pg_catalog.pg_inherits i
              JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')
              JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
              JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
              JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
             WHERE i.inhrelid = ANY (?)""";

    private static final String POPULATED = """
            SELECT c.tableoid::bigint, c.oid::bigint, n.nspname, c.relname
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = ANY (?) AND c.relkind = 'm' AND c.relispopulated""";

    private static final String TIMESCALE_TRIGGERS = """
            SELECT t.tableoid::bigint, t.oid::bigint
              FROM pg_catalog.pg_trigger t
              JOIN pg_catalog.pg_depend d
                ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = t.tgfoid AND d.deptype = 'e'
              JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'timescaledb'
             WHERE t.oid = ANY (?)""";

    private static final String AGGREGATES = """
            SELECT c.tableoid::bigint, c.oid::bigint, n.nspname, c.relname
              FROM _timescaledb_catalog.continuous_agg a
              JOIN pg_catalog.pg_namespace n ON n.nspname = a.user_view_schema
              JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = a.user_view_name""";

    /** An aggregate's own view reads its materialization hypertable; its query is kept as another view. */
    private static final String READS = """
            SELECT v.tableoid::bigint, v.oid::bigint, d.refclassid::bigint, d.refobjid::bigint
              FROM _timescaledb_catalog.continuous_agg a
              JOIN pg_catalog.pg_namespace vn ON vn.nspname = a.user_view_schema
              JOIN pg_catalog.pg_class v ON v.relnamespace = vn.oid AND v.relname = a.user_view_name
              JOIN pg_catalog.pg_namespace dn ON dn.nspname = a.direct_view_schema
              JOIN pg_catalog.pg_class direct ON direct.relnamespace = dn.oid AND direct.relname = a.direct_view_name
              JOIN pg_catalog.pg_rewrite r ON r.ev_class = direct.oid
              JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
            UNION
            SELECT v.tableoid::bigint, v.oid::bigint, o.tableoid::bigint, o.oid::bigint
              FROM _timescaledb_catalog.continuous_agg a
              JOIN _timescaledb_catalog.continuous_agg of ON of.mat_hypertable_id = a.parent_mat_hypertable_id
              JOIN pg_catalog.pg_namespace vn ON vn.nspname = a.user_view_schema
              JOIN pg_catalog.pg_class v ON v.relnamespace = vn.oid AND v.relname = a.user_view_name
              JOIN pg_catalog.pg_namespace n ON n.nspname = of.user_view_schema
              JOIN pg_catalog.pg_class o ON o.relnamespace = n.oid AND o.relname = of.user_view_name""";

    /** What TimescaleDB names anew in every database, by the names that {@link SchemaCatalog#internal} has. */
    private static final String INTERNAL = """
            WITH internal AS MATERIALIZED (
              SELECT c.oid, c.reltype, t.typarray
                FROM unnest(?::text[], ?::text[]) AS i (nspname, relname)
                JOIN pg_catalog.pg_namespace n ON n.nspname = i.nspname
                JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = i.relname
                LEFT JOIN pg_catalog.pg_type t ON t.oid = c.reltype)
            """;

    /**
     * pg_depend says what a view's rule uses; the dumped object is the view. Of a table only the rule is dumped by itself.
     * The foreign keys that PostgreSQL keeps for each chunk that another one refers to are parts of others.
     */
    private static final String INTERNAL_USERS = INTERNAL + """
            SELECT DISTINCT coalesce(v.tableoid, d.classid)::bigint, coalesce(v.oid, d.objid)::bigint
              FROM internal JOIN pg_catalog.pg_depend d
                ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = internal.oid
               AND d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_proc'::regclass,
                                 'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_constraint'::regclass)
              LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = r.tableoid AND r.oid = d.objid
              LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
              LEFT JOIN pg_catalog.pg_constraint k ON d.classid = k.tableoid AND k.oid = d.objid
             WHERE k.oid IS NULL
                OR (k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = internal.oid
                    AND NOT EXISTS (SELECT FROM internal own WHERE own.oid = k.conrelid))
            UNION
            SELECT d.classid::bigint, d.objid::bigint
              FROM internal JOIN pg_catalog.pg_depend d
                ON d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (internal.reltype, internal.typarray)
             WHERE d.deptype = 'n'""";

    /** Tables that inherit from chunks, with the columns and checks that a chunk gives them. */
    private static final String INHERITED = INTERNAL + """
            SELECT c.tableoid::bigint, c.oid::bigint, quote_ident(pn.nspname) || '.' || quote_ident(p.relname),
                   concat_ws(E',\\n    ', (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                                         CASE WHEN a.attcollation <> t.typcollation
                                              THEN 'COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname)
                                              END,
                                         CASE WHEN a.attgenerated = 's'
                                              THEN 'GENERATED ALWAYS AS (' || pg_get_expr(f.adbin, f.adrelid) || ') STORED'
                                              ELSE 'DEFAULT ' || pg_get_expr(f.adbin, f.adrelid) END,
                                         CASE WHEN a.attnotnull THEN 'NOT NULL' END), E',\\n    ' ORDER BY a.attnum)
                      FROM pg_catalog.pg_attribute a
                      JOIN pg_catalog.pg_attribute up ON up.attrelid = p.oid AND up.attname = a.attname AND up.attnum > 0
                      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                      LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
                      LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace
                      LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attislocal AND NOT a.attisdropped),
                     (SELECT string_agg('CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid),
                                        E',\\n    ' ORDER BY k.conname)
                        FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_constraint up
                          ON up.conrelid = p.oid AND up.conname = k.conname AND up.contype = 'c'
                       WHERE k.conrelid = c.oid AND k.contype = 'c' AND NOT k.conislocal))
              FROM internal JOIN pg_catalog.pg_inherits i ON i.inhparent = internal.oid
              JOIN pg_catalog.pg_class p ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
              JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r'
             WHERE NOT EXISTS (SELECT FROM internal own WHERE own.oid = c.oid)
             ORDER BY c.oid, i.inhseqno""";

    /**
     * @param connection in the dump's snapshot
     * @param oids the oids of the dump's objects, of whatever catalog
     * @param timescaleUsers objects that use what TimescaleDB brings, e.g. a view that calls {@code time_bucket}
     * @param internal relations that TimescaleDB makes for itself
     * @param timescale whether TimescaleDB is in the database
     */
    static SchemaCatalog read(Connection connection, Long[] oids, Set<TableName> internal, boolean timescale)
            throws SQLException {
        Map<CatalogObject, TableName> tables = names(connection, TABLES, (Object) oids);
        Map<TableName, Set<TableName>> parents = new HashMap<>();
        Query.list(
                connection,
                PARENTS,
                row -> parents.computeIfAbsent(
                                new TableName(row.getString(1), row.getString(2)), child -> new HashSet<>())
                        .add(new TableName(row.getString(3), row.getString(4))),
                (Object) oids);
        Map<CatalogObject, TableName> aggregates = timescale ? names(connection, AGGREGATES) : Map.of();
        tables.putAll(aggregates);
        return new SchemaCatalog(
                tables,
                parents,
                names(connection, POPULATED, (Object) oids),
                timescale ? objects(connection, TIMESCALE_TRIGGERS, (Object) oids) : Set.of(),
                aggregates,
                timescale ? reads(connection) : Map.of(),
                timescale ? ExtensionEntries.users(connection) : Set.of(),
                internal,
                objects(connection, INTERNAL_USERS, schemas(internal), names(internal)),
                inherited(connection, internal));
    }

    private static String[] schemas(Set<TableName> relations) {
        return relations.stream().map(TableName::schema).toArray(String[]::new);
    }

    /** In the order of {@link #schemas}. */
    private static String[] names(Set<TableName> relations) {
        return relations.stream().map(TableName::name).toArray(String[]::new);
    }

    private static Map<CatalogObject, List<FromChunk>> inherited(Connection connection, Set<TableName> internal)
            throws SQLException {
        Map<CatalogObject, List<FromChunk>> inherited = new HashMap<>();
        Query.list(
                connection,
                INHERITED,
                row -> inherited
                        .computeIfAbsent(new CatalogObject(row.getLong(1), row.getLong(2)), table -> new ArrayList<>())
                        .add(new FromChunk(row.getString(3), row.getString(4))),
                schemas(internal),
                names(internal));
        return inherited;
    }

    private static Map<CatalogObject, Set<CatalogObject>> reads(Connection connection) throws SQLException {
        Map<CatalogObject, Set<CatalogObject>> reads = new HashMap<>();
        Query.list(connection, READS, row -> reads.computeIfAbsent(
                        new CatalogObject(row.getLong(1), row.getLong(2)), view -> new HashSet<>())
                .add(new CatalogObject(row.getLong(3), row.getLong(4))));
        return reads;
    }

    private static Map<CatalogObject, TableName> names(Connection connection, String sql, Object... parameters)
            throws SQLException {
        record Named(CatalogObject object, TableName name) {}
        List<Named> rows = Query.list(
                connection,
                sql,
                row -> new Named(
                        new CatalogObject(row.getLong(1), row.getLong(2)),
                        new TableName(row.getString(3), row.getString(4))),
                parameters);
        Map<CatalogObject, TableName> names = new HashMap<>();
        rows.forEach(row -> names.put(row.object, row.name));
        return names;
    }

    private static Set<CatalogObject> objects(Connection connection, String sql, Object... parameters)
            throws SQLException {
        return new HashSet<>(
                Query.list(connection, sql, row -> new CatalogObject(row.getLong(1), row.getLong(2)), parameters));
    }
}

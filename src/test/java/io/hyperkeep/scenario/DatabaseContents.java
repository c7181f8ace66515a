package io.hyperkeep.scenario;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Everything in a database as lines of text, read with SQL of its own, so that two databases can be compared without
 * trusting the program under test.
 *
 * <p>A line begins with what it is about, for example {@code index objs.indexed_id}.
 */
final class DatabaseContents {
    /** Namespaces that are the users'; chunks may be in them too. */
    private static final String USERS = """
            (SELECT oid, nspname FROM pg_namespace
              WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' AND nspname NOT LIKE '%timescaledb\\_%')""";

    private static final String NOT_OF_EXTENSION =
            " AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = o.tableoid AND x.objid = o.oid AND x.deptype = 'e')";

    /** The owner has all rights whether or not that was ever written down; grants come in any order. */
    private static final String RIGHTS = """
            (SELECT string_agg(g, '; ' ORDER BY g) FROM (
              SELECT coalesce(gee.rolname, 'PUBLIC') || '=' || string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ','
                     ORDER BY a.privilege_type) || '/' || gor.rolname AS g
                FROM aclexplode(coalesce(%s, acldefault(%s, %s))) a
                LEFT JOIN pg_roles gee ON gee.oid = a.grantee JOIN pg_roles gor ON gor.oid = a.grantor
               GROUP BY gee.rolname, gor.rolname) rights)""";

    private static final String NAMESPACES =
            """
            SELECT 'schema', o.nspname, pg_get_userbyid(o.nspowner), %s FROM pg_namespace o JOIN %s u USING (oid)
             WHERE true%s""".formatted(RIGHTS.formatted("o.nspacl", "'n'", "o.nspowner"), USERS, NOT_OF_EXTENSION);

    private static final String RELATIONS = """
            SELECT 'relation', o.oid::regclass, o.relkind, o.relpersistence, pg_get_userbyid(o.relowner), o.relispartition, pg_get_expr(o.relpartbound, o.oid),
                   pg_get_partkeydef(o.oid), o.reloptions, t.reloptions, o.relreplident, o.relrowsecurity, o.relforcerowsecurity, am.amname,
                   CASE WHEN o.relkind = 'm' THEN o.relispopulated END,
                   (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = o.oid AND o.relkind <> 'i'),
                   (SELECT string_agg(i.indexrelid::regclass::text || CASE WHEN i.indisclustered THEN ' clustered' ELSE '' END
                                      || CASE WHEN i.indisreplident THEN ' identity' ELSE '' END, ', ' ORDER BY i.indexrelid::regclass::text)
                      FROM pg_index i WHERE i.indrelid = o.oid AND (i.indisclustered OR i.indisreplident)),
                   %s
              FROM pg_class o JOIN %s u ON u.oid = o.relnamespace LEFT JOIN pg_class t ON t.oid = o.reltoastrelid LEFT JOIN pg_am am ON am.oid = o.relam
             WHERE o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND o.oid NOT IN (SELECT relid FROM pg_temp.chunks)%s""".formatted(
            RIGHTS.formatted("o.relacl", "CASE o.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r' END", "o.relowner"),
            USERS,
            NOT_OF_EXTENSION);

    private static final String COLUMNS = """
            SELECT 'column', o.oid::regclass, a.attname, row_number() OVER (PARTITION BY o.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull,
                   pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation::regcollation, CASE WHEN o.relkind <> 'i' THEN a.attstorage END, CASE WHEN o.relkind <> 'i' THEN a.attcompression END,
                   nullif(a.attstattarget, -1), (SELECT string_agg(s, ', ' ORDER BY s) FROM unnest(a.attoptions) s WHERE split_part(s, '=', 1) <> 'pg_attver'), a.attislocal, a.attinhcount,
                   (SELECT string_agg(acl::text, ', ' ORDER BY acl::text) FROM unnest(a.attacl) acl)
              FROM pg_class o JOIN %s u ON u.oid = o.relnamespace JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT JOIN pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum
             WHERE o.relkind IN ('r', 'p', 'v', 'm', 'f', 'c', 'i') AND o.oid NOT IN (SELECT relid FROM pg_temp.chunks) AND coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = o.oid), 0) NOT IN (SELECT relid FROM pg_temp.chunks)%s""".formatted(USERS, NOT_OF_EXTENSION);

    /** NOT NULL is among the columns: before PostgreSQL 18 it is no constraint. */
    private static final String CONSTRAINTS = """
            SELECT 'constraint', coalesce(nullif(o.conrelid, 0)::regclass::text, o.contypid::regtype::text), o.conname, pg_get_constraintdef(o.oid), o.convalidated,
                   o.condeferrable, o.condeferred, o.conislocal, o.coninhcount, o.contype = 'c' AND o.connoinherit
              FROM pg_constraint o JOIN %s u ON u.oid = o.connamespace
             WHERE o.contype NOT IN ('n', 't') AND o.conrelid NOT IN (SELECT relid FROM pg_temp.chunks)
               AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = o.conparentid AND p.conrelid = o.conrelid)%s""".formatted(USERS, NOT_OF_EXTENSION);

    private static final String INDEXES = """
            SELECT 'index', o.oid::regclass, pg_get_indexdef(o.oid), i.indisvalid, i.indisprimary, i.indisunique, i.indimmediate, o.reloptions,
                   (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = o.oid)
              FROM pg_class o JOIN %s u ON u.oid = o.relnamespace JOIN pg_index i ON i.indexrelid = o.oid
             WHERE i.indrelid NOT IN (SELECT relid FROM pg_temp.chunks)%s""".formatted(USERS, NOT_OF_EXTENSION);

    private static final String TRIGGERS = """
            SELECT 'trigger', o.tgrelid::regclass, o.tgname, pg_get_triggerdef(o.oid), o.tgenabled
              FROM pg_trigger o JOIN pg_class c ON c.oid = o.tgrelid JOIN %s u ON u.oid = c.relnamespace JOIN pg_proc p ON p.oid = o.tgfoid
             WHERE NOT o.tgisinternal AND c.oid NOT IN (SELECT relid FROM pg_temp.chunks) AND NOT p.pronamespace::regnamespace::text LIKE '%%timescaledb\\_%%'""".formatted(USERS);

    private static final String RULES = """
            SELECT 'rule', o.ev_class::regclass, o.rulename,
                   -- an aggregate's view has the number of its hypertable
                   regexp_replace(pg_get_ruledef(o.oid), '_materialized_hypertable_[0-9]+|cagg_watermark.[0-9]+', 'N', 'g'), o.ev_enabled
              FROM pg_rewrite o JOIN pg_class c ON c.oid = o.ev_class JOIN %s u ON u.oid = c.relnamespace
             WHERE NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = c.tableoid AND x.objid = c.oid AND x.deptype = 'e')""".formatted(USERS);

    private static final String POLICIES =
            "SELECT 'policy', * FROM pg_policies o WHERE schemaname NOT LIKE '%timescaledb\\_%'";

    private static final String SEQUENCES = """
            SELECT 'sequence', o.oid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle
              FROM pg_sequence s JOIN pg_class o ON o.oid = s.seqrelid JOIN %s u ON u.oid = o.relnamespace WHERE true%s""".formatted(USERS, NOT_OF_EXTENSION);

    private static final String OWNED_SEQUENCES = """
            SELECT 'owned sequence', o.oid::regclass, d.refobjid::regclass, a.attname, d.deptype
              FROM pg_class o JOIN %s u ON u.oid = o.relnamespace JOIN pg_depend d ON d.classid = o.tableoid AND d.objid = o.oid AND d.deptype IN ('a', 'i')
              JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE o.relkind = 'S'""".formatted(USERS);

    private static final String ROUTINES =
            """
            SELECT 'routine', o.oid::regprocedure, pg_get_userbyid(o.proowner), CASE WHEN o.prokind IN ('f', 'p') THEN pg_get_functiondef(o.oid) END, %s
              FROM pg_proc o JOIN %s u ON u.oid = o.pronamespace WHERE true%s""".formatted(RIGHTS.formatted("o.proacl", "'f'", "o.proowner"), USERS, NOT_OF_EXTENSION);

    private static final String TYPES =
            """
            SELECT 'type', o.oid::regtype, o.typtype, pg_get_userbyid(o.typowner), format_type(o.typbasetype, o.typtypmod), o.typnotnull, o.typdefault,
                   (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = o.oid),
                   (SELECT rngsubtype::regtype || ' ' || rngsubdiff::regproc::text || rngmultitypid::regtype::text FROM pg_range WHERE rngtypid = o.oid), %s
              FROM pg_type o JOIN %s u ON u.oid = o.typnamespace LEFT JOIN pg_class c ON c.oid = o.typrelid
             WHERE o.typelem = 0 AND coalesce(c.relkind, 'c') = 'c'%s""".formatted(RIGHTS.formatted("o.typacl", "'T'", "o.typowner"), USERS, NOT_OF_EXTENSION);

    private static final String STATISTICS = """
            SELECT 'statistics', o.stxname, pg_get_statisticsobjdef(o.oid), nullif(o.stxstattarget, -1), pg_get_userbyid(o.stxowner)
              FROM pg_statistic_ext o JOIN %s u ON u.oid = o.stxnamespace""".formatted(USERS);

    private static final String DEFAULT_RIGHTS = """
            SELECT 'default rights', pg_get_userbyid(o.defaclrole), nullif(o.defaclnamespace, 0)::regnamespace, o.defaclobjtype,
                   (SELECT string_agg(acl::text, ', ' ORDER BY acl::text) FROM unnest(o.defaclacl) acl) FROM pg_default_acl o""";

    private static final String PUBLICATIONS = """
            SELECT 'publication', o.pubname, o.puballtables, o.pubinsert, o.pubupdate, o.pubdelete, o.pubtruncate, o.pubviaroot,
                   (SELECT string_agg(t.schemaname || '.' || t.tablename || coalesce(t.attnames::text, '') || coalesce(t.rowfilter, ''), ', '
                           ORDER BY t.schemaname, t.tablename)
                      FROM pg_publication_tables t WHERE t.pubname = o.pubname AND t.schemaname NOT LIKE '%timescaledb\\_%') FROM pg_publication o""";

    /** What has no query of its own here is at least there. */
    private static final String OTHERS = """
            SELECT 'object', i.type, i.identity
              FROM (SELECT tableoid, oid FROM pg_operator UNION ALL SELECT tableoid, oid FROM pg_cast UNION ALL SELECT tableoid, oid FROM pg_collation
                    UNION ALL SELECT tableoid, oid FROM pg_ts_config UNION ALL SELECT tableoid, oid FROM pg_event_trigger WHERE evtenabled = 'D'
                    UNION ALL SELECT tableoid, oid FROM pg_extension UNION ALL SELECT tableoid, oid FROM pg_foreign_server) o,
                   pg_identify_object(o.tableoid, o.oid, 0) i WHERE o.oid >= 16384""" + NOT_OF_EXTENSION;

    private static final String COMMENTS = """
            SELECT 'comment', i.type, i.identity, o.description FROM pg_description o, pg_identify_object(o.classoid, o.objoid, o.objsubid) i
             WHERE o.objoid >= 16384 AND i.type <> 'extension' AND i.identity NOT LIKE '%timescaledb\\_%'
               AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = o.classoid AND x.objid = o.objoid AND x.deptype = 'e')""";

    private static final String HYPERTABLES = """
            SELECT 'hypertable', format('%I.%I', h.schema_name, h.table_name)::regclass, h.associated_schema_name,
                   CASE WHEN h.associated_table_prefix !~ '^_hyper_\\d+$' THEN h.associated_table_prefix END, h.num_dimensions
              FROM _timescaledb_catalog.hypertable h JOIN timescaledb_information.hypertables v
                ON (v.hypertable_schema, v.hypertable_name) = (h.schema_name, h.table_name)""";

    private static final String DIMENSIONS = """
            SELECT 'dimension', format('%I.%I', h.schema_name, h.table_name)::regclass, row_number() OVER (PARTITION BY h.id ORDER BY d.id), d.column_name, d.column_type,
                   d.interval_length, d.num_slices, d.partitioning_func_schema, d.partitioning_func, d.integer_now_func_schema, d.integer_now_func
              FROM _timescaledb_catalog.dimension d JOIN _timescaledb_catalog.hypertable h ON h.id = d.hypertable_id
              JOIN timescaledb_information.hypertables v ON (v.hypertable_schema, v.hypertable_name) = (h.schema_name, h.table_name)""";

    /** What a hypertable is set to; the timescaledb from 2.22 on has sparse indexes too. */
    private static final String COLUMNSTORES = """
            SELECT 'columnstore', s.relid::regclass, s.segmentby, s.orderby, s.orderby_desc, s.orderby_nullsfirst, to_jsonb(s) -> 'index',
                   (SELECT max(d.compress_interval_length) FROM _timescaledb_catalog.dimension d WHERE d.hypertable_id = h.id)
              FROM _timescaledb_catalog.compression_settings s
              JOIN _timescaledb_catalog.hypertable h ON s.relid = to_regclass(format('%I.%I', h.schema_name, h.table_name))
              JOIN timescaledb_information.hypertables v ON (v.hypertable_schema, v.hypertable_name) = (h.schema_name, h.table_name)""";

    private static final String ATTACHED = """
            SELECT 'attached tablespaces', format('%I.%I', v.hypertable_schema, v.hypertable_name)::regclass, v.tablespaces
              FROM timescaledb_information.hypertables v WHERE v.tablespaces IS NOT NULL""";

    private static final String SKIPPED = """
            SELECT 'chunk skipping', format('%I.%I', h.schema_name, h.table_name)::regclass, s.column_name
              FROM _timescaledb_catalog.chunk_column_stats s JOIN _timescaledb_catalog.hypertable h ON h.id = s.hypertable_id
             WHERE coalesce(s.chunk_id, 0) = 0""";

    private static final String SLICES = """
            (SELECT string_agg(format('%s [%s, %s)', d.column_name, s.range_start, s.range_end), ' ' ORDER BY d.id)
               FROM _timescaledb_catalog.chunk_constraint cc JOIN _timescaledb_catalog.dimension_slice s ON s.id = cc.dimension_slice_id
               JOIN _timescaledb_catalog.dimension d ON d.id = s.dimension_id
              WHERE cc.chunk_id = _timescaledb_functions.chunk_id_from_relid(format('%I.%I', ch.chunk_schema, ch.chunk_name)::regclass))""";

    /** Of bits 2 (unordered) and 8 (partial) a restore makes none: all rows are compressed at once then. */
    private static final String STORED = """
            SELECT 'storage of chunk', coalesce(a.view_schema || '.' || a.view_name, ch.hypertable_schema || '.' || ch.hypertable_name), %s,
                   x.status & ~10, s.segmentby, s.orderby, s.orderby_desc, s.orderby_nullsfirst, to_jsonb(s) -> 'index'
              FROM timescaledb_information.chunks ch
             CROSS JOIN LATERAL (SELECT format('%%I.%%I', ch.chunk_schema, ch.chunk_name)::regclass AS relid) r
             CROSS JOIN LATERAL (SELECT _timescaledb_functions.chunk_status(r.relid) AS status) x
              LEFT JOIN _timescaledb_catalog.compression_settings s ON s.relid = r.relid
              LEFT JOIN timescaledb_information.continuous_aggregates a
                ON (a.materialization_hypertable_schema, a.materialization_hypertable_name) = (ch.hypertable_schema, ch.hypertable_name)
             WHERE x.status <> 0""".formatted(SLICES);

    private static final String CHUNKS = """
            SELECT format('%%I.%%I', ch.chunk_schema, ch.chunk_name),
                   coalesce('aggregate ' || quote_ident(a.view_schema) || '.' || quote_ident(a.view_name), format('%%I.%%I', ch.hypertable_schema, ch.hypertable_name)),
                   %s
              FROM timescaledb_information.chunks ch
              LEFT JOIN timescaledb_information.continuous_aggregates a
                ON (a.materialization_hypertable_schema, a.materialization_hypertable_name) = (ch.hypertable_schema, ch.hypertable_name)""".formatted(SLICES);

    private static final String AGGREGATES = """
            SELECT 'aggregate', format('%I.%I', a.view_schema, a.view_name), a.view_owner, a.materialized_only, a.view_definition,
                   w.watermark, pg_get_userbyid(m.relowner), d.interval_length, d.integer_now_func,
                   (SELECT string_agg(regexp_replace(pg_get_indexdef(i.indexrelid), '_materialized_hypertable_[0-9]+', 'N', 'g'), '; '
                                      ORDER BY regexp_replace(pg_get_indexdef(i.indexrelid), '_materialized_hypertable_[0-9]+', 'N', 'g'))
                      FROM pg_index i WHERE i.indrelid = m.oid),
                   (SELECT string_agg(at.attname || ' ' || format_type(at.atttypid, at.atttypmod) || ' ' || at.attnotnull, ', ' ORDER BY at.attnum)
                      FROM pg_attribute at WHERE at.attrelid = m.oid AND at.attnum > 0 AND NOT at.attisdropped)
              FROM timescaledb_information.continuous_aggregates a
              JOIN _timescaledb_catalog.continuous_agg c ON (c.user_view_schema, c.user_view_name) = (a.view_schema, a.view_name)
              JOIN _timescaledb_catalog.continuous_aggs_watermark w USING (mat_hypertable_id)
              JOIN _timescaledb_catalog.dimension d ON d.hypertable_id = c.mat_hypertable_id
              JOIN pg_class m ON m.oid = format('%I.%I', a.materialization_hypertable_schema, a.materialization_hypertable_name)::regclass""";

    private static final String MATERIALIZATIONS = """
            SELECT format('%I.%I', view_schema, view_name),
                   format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)
              FROM timescaledb_information.continuous_aggregates""";

    /** Relations whose rows are compared, each by itself: a parent without its children, a hypertable with its chunks. */
    private static final String WITH_ROWS = """
            SELECT o.oid::regclass::text, CASE WHEN o.oid IN (SELECT relid FROM pg_temp.hypertables) THEN '' ELSE 'ONLY ' END || o.oid::regclass::text
              FROM pg_class o JOIN %s u ON u.oid = o.relnamespace
             WHERE (o.relkind = 'r' OR o.relkind = 'm' AND o.relispopulated) AND o.oid NOT IN (SELECT relid FROM pg_temp.chunks)%s""".formatted(USERS, NOT_OF_EXTENSION);

    private static final List<String> PLAIN = List.of(
            NAMESPACES,
            RELATIONS,
            COLUMNS,
            CONSTRAINTS,
            INDEXES,
            TRIGGERS,
            RULES,
            POLICIES,
            SEQUENCES,
            OWNED_SEQUENCES,
            ROUTINES,
            TYPES,
            STATISTICS,
            DEFAULT_RIGHTS,
            PUBLICATIONS,
            OTHERS,
            COMMENTS);

    private static final String NONE = "SELECT 0::oid AS relid WHERE false";

    private final TreeSet<String> lines = new TreeSet<>();
    private final Map<String, Long> rows = new LinkedHashMap<>();
    private final Statement statement;
    private final boolean timescale;

    private DatabaseContents(Statement statement) throws SQLException {
        this.statement = statement;
        statement.execute("SET search_path = ''");
        statement.execute("SET timezone = 'UTC'");
        try (ResultSet row = statement.executeQuery("SELECT FROM pg_extension WHERE extname = 'timescaledb'")) {
            this.timescale = row.next();
        }
        statement.execute("CREATE TEMP TABLE chunks AS "
                + (timescale
                        ? "SELECT format('%I.%I', chunk_schema, chunk_name)::regclass::oid AS relid FROM timescaledb_information.chunks"
                        : NONE));
        statement.execute("CREATE TEMP TABLE hypertables AS "
                + (timescale
                        ? "SELECT format('%I.%I', hypertable_schema, hypertable_name)::regclass::oid AS relid FROM timescaledb_information.hypertables"
                        : NONE));
    }

    /** Reads a database as superuser, while nobody writes to it. */
    static DatabaseContents of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            DatabaseContents contents = new DatabaseContents(statement);
            contents.read();
            return contents;
        }
    }

    /** What one has and the other has not, as lines that begin with {@code -} or {@code +}; empty when they are equal. */
    static List<String> differences(DatabaseContents expected, DatabaseContents found) {
        return differences(expected, found, line -> true);
    }

    /** The same for some of the lines. */
    static List<String> differences(DatabaseContents expected, DatabaseContents found, Predicate<String> compared) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> all = new TreeSet<>(expected.lines);
        all.addAll(found.lines);
        for (String line : all) {
            boolean both = expected.lines.contains(line) && found.lines.contains(line);
            if (!both && compared.test(line)) {
                differences.add((expected.lines.contains(line) ? "- " : "+ ") + line);
            }
        }
        return differences;
    }

    /** Number of rows of each relation. */
    Map<String, Long> rows() {
        return rows;
    }

    /** All lines. */
    TreeSet<String> lines() {
        return lines;
    }

    private void read() throws SQLException {
        for (String query : PLAIN) {
            add(query);
        }
        for (List<String> sequence : query("SELECT o.oid::regclass FROM pg_class o JOIN " + USERS
                + " u ON u.oid = o.relnamespace WHERE o.relkind = 'S'" + NOT_OF_EXTENSION)) {
            add("SELECT 'value', '" + sequence.get(0).replace("'", "''") + "', last_value, is_called FROM "
                    + sequence.get(0));
        }
        for (List<String> relation : query(WITH_ROWS)) {
            rows.put(relation.get(0), rowsOf("rows of " + relation.get(0), relation.get(1)));
        }
        if (timescale) {
            add(HYPERTABLES);
            add(DIMENSIONS);
            add(COLUMNSTORES);
            add(ATTACHED);
            add(SKIPPED);
            add(STORED);
            add(AGGREGATES);
            for (List<String> aggregate : query(MATERIALIZATIONS)) {
                rowsOf("what shows " + aggregate.get(0), aggregate.get(0));
                rows.put(aggregate.get(0), rowsOf("rows of " + aggregate.get(0), aggregate.get(1)));
            }
            for (List<String> chunk : query(CHUNKS)) {
                // on the Apache edition a chunk without rows can not be made from outside
                if (!query("SELECT FROM " + chunk.get(0) + " LIMIT 1").isEmpty()) {
                    rowsOf("chunk of " + chunk.get(1) + " " + chunk.get(2), chunk.get(0));
                }
            }
        }
    }

    /** Counts them and adds up a hash of each row's text, so that their order does not matter. */
    private long rowsOf(String what, String from) throws SQLException {
        List<String> sums = query(
                        "SELECT count(*), sum(hashtextextended(r::text, 0)), sum(hashtextextended(r::text, 1)) FROM "
                                + from + " r")
                .get(0);
        lines.add(what + " | " + String.join(" | ", sums));
        return Long.parseLong(sums.get(0));
    }

    private void add(String sql) throws SQLException {
        for (List<String> row : query(sql)) {
            lines.add(row.get(0) + " " + row.get(1) + " | " + String.join(" | ", row.subList(2, row.size())));
        }
    }

    private List<List<String>> query(String sql) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(row);
            }
        }
        return rows;
    }
}

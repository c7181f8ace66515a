package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.ChunkProperty;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds in what chunks are not as their hypertable. Each catalog is read by one query for all chunks, which compares them
 * with their hypertables itself and answers only with what differs. Thread-safe: it has no state.
 *
 * <p>Some things TimescaleDB gives to no chunk, e.g. comments, policies and TOAST parameters: these are compared with
 * nothing. What an index is called follows from the chunk's name, so indexes are known by their definitions.
 */
final class DiscoverChunkProperties {
    /** Binds {@code p.chunk} and {@code p.root}. */
    private static final String PAIRS =
            "WITH p AS MATERIALIZED" + " (SELECT chunk, root FROM unnest(?::oid[], ?::oid[]) AS pair(chunk, root))\n";

    private static final String RELATIONS = """
            SELECT p.chunk::bigint, v.kind, '', v.value, v.of_root, NULL
              FROM p JOIN pg_catalog.pg_class c ON c.oid = p.chunk JOIN pg_catalog.pg_class r ON r.oid = p.root
              LEFT JOIN pg_catalog.pg_class ct ON ct.oid = c.reltoastrelid
              LEFT JOIN pg_catalog.pg_am ca ON ca.oid = c.relam LEFT JOIN pg_catalog.pg_am ra ON ra.oid = r.relam
              LEFT JOIN pg_catalog.pg_tablespace cs ON cs.oid = c.reltablespace
              LEFT JOIN pg_catalog.pg_tablespace rs ON rs.oid = r.reltablespace
             CROSS JOIN LATERAL (VALUES
               ('owner', pg_get_userbyid(c.relowner)::text, pg_get_userbyid(r.relowner)::text),
               ('storage parameters', array_to_string(c.reloptions, ', '), array_to_string(r.reloptions, ', ')),
               ('TOAST storage parameters', array_to_string(ct.reloptions, ', '), NULL),
               ('persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'logged' END,
                               CASE r.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'logged' END),
               ('row security', CASE WHEN c.relrowsecurity THEN 'enabled' END, NULL),
               ('forced row security', CASE WHEN c.relforcerowsecurity THEN 'enabled' END, NULL),
               ('replica identity', c.relreplident::text, r.relreplident::text),
               ('access method', ca.amname::text, ra.amname::text),
               ('tablespace', cs.spcname::text, rs.spcname::text)) AS v(kind, value, of_root)
             WHERE v.value IS DISTINCT FROM v.of_root
             UNION ALL
            SELECT p.chunk::bigint, 'grants', '', own.value, own.of_root, NULL
              FROM p JOIN pg_catalog.pg_class c ON c.oid = p.chunk JOIN pg_catalog.pg_class r ON r.oid = p.root
             CROSS JOIN LATERAL (SELECT %s AS value, %s AS of_root) AS own
             WHERE c.relacl IS DISTINCT FROM r.relacl AND own.value IS DISTINCT FROM own.of_root""".formatted(
                    value(DiscoverObjects.grants("c.relacl", "'r'", "c.relowner")),
                    value(DiscoverObjects.grants("r.relacl", "'r'", "r.relowner")));

    private static final String COLUMNS = """
            SELECT p.chunk::bigint, v.kind, c.attname, v.value, v.of_root, NULL
              FROM p JOIN pg_catalog.pg_attribute c ON c.attrelid = p.chunk AND c.attnum > 0 AND NOT c.attisdropped
              JOIN pg_catalog.pg_attribute r ON r.attrelid = p.root AND r.attname = c.attname AND r.attnum > 0
             CROSS JOIN LATERAL (VALUES
               ('statistics target', nullif(c.attstattarget, -1)::text, nullif(r.attstattarget, -1)::text),
               ('storage', c.attstorage::text, r.attstorage::text),
               ('compression', nullif(c.attcompression::text, ''), nullif(r.attcompression::text, '')),
               ('NOT NULL', CASE WHEN c.attnotnull THEN 'yes' END, CASE WHEN r.attnotnull THEN 'yes' END),
               ('options', CASE WHEN cardinality(c.attoptions) > 1 OR NOT starts_with(c.attoptions[1], '%5$s=') THEN %1$s END,
                           CASE WHEN cardinality(r.attoptions) > 1 OR NOT starts_with(r.attoptions[1], '%5$s=') THEN %2$s
                                END)) AS v(kind, value, of_root)
             WHERE v.value IS DISTINCT FROM v.of_root
             UNION ALL
            SELECT p.chunk::bigint, 'column grants', c.attname, own.value, own.of_root, NULL
              FROM p JOIN pg_catalog.pg_class k ON k.oid = p.chunk
              JOIN pg_catalog.pg_attribute c ON c.attrelid = p.chunk AND c.attnum > 0 AND NOT c.attisdropped
              JOIN pg_catalog.pg_attribute r ON r.attrelid = p.root AND r.attname = c.attname AND r.attnum > 0
             CROSS JOIN LATERAL (SELECT %3$s AS value, %4$s AS of_root) AS own
             WHERE c.attacl IS DISTINCT FROM r.attacl AND own.value IS DISTINCT FROM own.of_root
             UNION ALL
            SELECT p.chunk::bigint, 'default', c.attname, own.value, own.of_root, NULL
              FROM p JOIN pg_catalog.pg_attribute c ON c.attrelid = p.chunk AND c.attnum > 0 AND NOT c.attisdropped
              JOIN pg_catalog.pg_attribute r ON r.attrelid = p.root AND r.attname = c.attname AND r.attnum > 0
              LEFT JOIN pg_catalog.pg_attrdef cd ON cd.adrelid = p.chunk AND cd.adnum = c.attnum
              LEFT JOIN pg_catalog.pg_attrdef rd ON rd.adrelid = p.root AND rd.adnum = r.attnum
             CROSS JOIN LATERAL (SELECT pg_get_expr(cd.adbin, p.chunk) AS value, pg_get_expr(rd.adbin, p.root) AS of_root)
                   AS own
             WHERE (c.atthasdef OR r.atthasdef) AND own.value IS DISTINCT FROM own.of_root""".formatted(
                    DiscoverObjects.settings("c.attoptions"),
                    DiscoverObjects.settings("r.attoptions"),
                    value(DiscoverObjects.grants("c.attacl", "'c'", "k.relowner")),
                    value(DiscoverObjects.grants("r.attacl", "'c'", "k.relowner")),
                    DiscoverObjects.OF_THE_SERVER);

    /**
     * Every index of {@code %1$s}, with {@code key}: what its definition says after the relation, without parameters. One
     * that a constraint owns is known by the constraint.
     */
    private static final String INDEXES_OF = """
            SELECT %1$s AS chunk, p.root, i.indexrelid, i.indisclustered, i.indisvalid, o.relname AS index, o.reloptions,
                   o.reltablespace, o.relam, i.indnatts, i.indexprs IS NOT NULL OR i.indpred IS NOT NULL AS computed,
                   k.oid IS NOT NULL AS owned, t.relname AS relation,
                   coalesce(pg_get_constraintdef(k.oid),
                            CASE WHEN o.reloptions IS NULL THEN text.def
                                 ELSE regexp_replace(text.def, ' WITH [(][a-z_.0-9]+=[^()]*[)]', '') END) AS key
              FROM %2$s JOIN pg_catalog.pg_index i ON i.indrelid = %1$s
              JOIN pg_catalog.pg_class o ON o.oid = i.indexrelid
              JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
              LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
               AND k.contype IN ('p', 'u', 'x')
             CROSS JOIN LATERAL (
                SELECT CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
                       || substr(pg_get_indexdef(i.indexrelid),
                                 length(CASE WHEN i.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END
                                        || quote_ident(o.relname) || ' ON ' || i.indrelid::regclass::text || ' ')
                                 + 1) AS def) AS text""";

    /**
     * Binds {@code c} and {@code r}: the indexes of chunks, and those that their hypertables have. TimescaleDB simplifies
     * expressions when it gives an index to a chunk, so their text is another one: these are known by their names.
     */
    private static final String OF_CHUNKS = ", cs AS MATERIALIZED (" + INDEXES_OF.formatted("p.chunk", "p")
            + "),\n rs AS MATERIALIZED (" + INDEXES_OF.formatted("p.root", "(SELECT DISTINCT root FROM p) AS p") + """
            ), c AS (
               SELECT x.*, row_number() OVER (PARTITION BY x.chunk, x.key, x.owned ORDER BY x.index) AS place
                 FROM (SELECT cs.chunk, cs.indexrelid, cs.indisclustered, cs.indisvalid, cs.index, cs.reloptions,
                              cs.reltablespace, cs.owned, cs.relation, cs.computed,
                              coalesce(CASE WHEN cs.computed THEN
                                         (SELECT min(rs.key) FROM rs
                                           WHERE rs.root = cs.root AND rs.computed AND NOT rs.owned
                                             AND rs.relam = cs.relam AND rs.indnatts = cs.indnatts
                                             AND right(cs.index, length(rs.index) + 1) = '_' || rs.index) END,
                                       cs.key) AS key
                         FROM cs) AS x),
             r AS (
               SELECT p.chunk, rs.indexrelid, rs.indisclustered, rs.index, rs.reloptions, rs.reltablespace, rs.owned, rs.computed, rs.key,
                      row_number() OVER (PARTITION BY p.chunk, rs.key, rs.owned ORDER BY rs.index) AS place
                 FROM p JOIN rs ON rs.chunk = p.root)""";

    /** An index of PostgreSQL's name holds that of the chunk, which is another one in every database. */
    private static final String INDEX_NAME =
            "CASE WHEN starts_with(c.index, c.relation || '_') THEN '' ELSE c.index END";

    private static final String INDEXES =
            OF_CHUNKS + """
            ,
             b AS MATERIALIZED (
               SELECT coalesce(c.chunk, r.chunk)::bigint AS chunk, coalesce(c.key, r.key) AS key,
                      coalesce(c.owned, r.owned) AS owned, c.index, c.relation, c.indexrelid, r.index AS root_index,
                      r.indexrelid AS root_indexrelid, c.indisclustered, r.indisclustered AS root_clustered, c.indisvalid,
                      c.computed, r.computed AS root_computed,
                      c.reloptions, r.reloptions AS root_reloptions, c.reltablespace, r.reltablespace AS root_reltablespace
                 FROM c FULL JOIN r ON r.chunk = c.chunk AND r.key = c.key AND r.owned = c.owned AND r.place = c.place)
            SELECT c.chunk, 'index', c.key, CASE WHEN c.index IS NOT NULL THEN %1$s END, c.root_index::text, c.index::text
              FROM b c WHERE NOT c.owned AND (c.index IS NULL OR c.root_index IS NULL)
             UNION ALL
            SELECT c.chunk, 'index to cluster on', '', max(c.key) FILTER (WHERE c.indisclustered),
                   max(c.key) FILTER (WHERE c.root_clustered), NULL
              FROM b c GROUP BY c.chunk
            HAVING max(c.key) FILTER (WHERE c.indisclustered) IS DISTINCT FROM max(c.key) FILTER (WHERE c.root_clustered)
             UNION ALL
            SELECT c.chunk, v.kind, c.key, v.value, v.of_root, c.index::text
              FROM b c LEFT JOIN pg_catalog.pg_description d
                ON d.objoid = c.indexrelid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
              LEFT JOIN pg_catalog.pg_tablespace cs ON cs.oid = c.reltablespace
              LEFT JOIN pg_catalog.pg_tablespace rs ON rs.oid = c.root_reltablespace
             CROSS JOIN LATERAL (VALUES
               ('index parameters', array_to_string(c.reloptions, ', '), array_to_string(c.root_reloptions, ', ')),
               ('index state', CASE WHEN NOT c.indisvalid THEN 'invalid' END, NULL),
               ('index comment', d.description, NULL),
               ('index statistics targets', CASE WHEN c.computed THEN %2$s END, CASE WHEN c.root_computed THEN %3$s END),
               ('index tablespace', cs.spcname::text, rs.spcname::text)) AS v(kind, value, of_root)
             WHERE c.index IS NOT NULL AND v.value IS DISTINCT FROM v.of_root""".formatted(INDEX_NAME, targets("c.indexrelid"), targets("c.root_indexrelid"));

    /** NOT NULL is the column's; a CHECK that is inherited is the hypertable's, and those of ranges TimescaleDB's. */
    private static final String CONSTRAINTS = """
            , c AS MATERIALIZED (
               SELECT x.*, row_number() OVER (PARTITION BY x.chunk, x.key ORDER BY x.conname) AS place
                 FROM (SELECT p.chunk, k.oid, k.conname, k.contype, pg_get_constraintdef(k.oid) AS key
                         FROM p JOIN pg_catalog.pg_constraint k ON k.conrelid = p.chunk AND k.contype NOT IN ('n', 't')
                        WHERE NOT (k.contype = 'c' AND k.coninhcount > 0)%s
                          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint parent
                                           WHERE parent.oid = k.conparentid AND parent.conrelid = k.conrelid)) AS x),
             root AS MATERIALIZED (
               SELECT x.*, row_number() OVER (PARTITION BY x.root, x.key ORDER BY x.conname) AS place
                 FROM (SELECT k.conrelid AS root, k.conname, pg_get_constraintdef(k.oid) AS key
                         FROM (SELECT DISTINCT root FROM p) AS p JOIN pg_catalog.pg_constraint k ON k.conrelid = p.root
                          AND k.contype NOT IN ('n', 't', 'c')
                          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint parent
                                           WHERE parent.oid = k.conparentid AND parent.conrelid = k.conrelid)) AS x),
             r AS (SELECT p.chunk, root.conname, root.key, root.place FROM p JOIN root ON root.root = p.root)
            SELECT coalesce(c.chunk, r.chunk)::bigint, 'constraint', coalesce(c.key, r.key), c.conname::text,
                   r.conname::text, c.conname::text
              FROM c FULL JOIN r ON r.chunk = c.chunk AND r.key = c.key AND r.place = c.place
             WHERE c.chunk IS NULL OR r.chunk IS NULL
             UNION ALL
            SELECT p.chunk::bigint, 'constraint validation', k.conname,
                   CASE WHEN k.convalidated THEN 'valid' ELSE 'not valid' END,
                   CASE WHEN g.convalidated THEN 'valid' ELSE 'not valid' END, NULL
              FROM p JOIN pg_catalog.pg_constraint g ON g.conrelid = p.root AND g.contype = 'c'
              JOIN pg_catalog.pg_constraint k ON k.conrelid = p.chunk AND k.conname = g.conname
             WHERE k.convalidated <> g.convalidated
             UNION ALL
            SELECT c.chunk::bigint, 'constraint comment', c.key, obj_description(c.oid, 'pg_constraint'), NULL, c.conname
              FROM c WHERE obj_description(c.oid, 'pg_constraint') IS NOT NULL""";

    /**
     * As triggers of a table that is called {@code chunk}; TimescaleDB up to 2.22 adds some of its own. PostgreSQL prints a
     * condition otherwise once it has read its own text, as it does for a chunk: two triggers with one are known by all else.
     */
    private static final String TRIGGERS = """
            , t AS (SELECT t.oid, t.tgname, t.tgrelid, t.tgenabled
                      FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
                      JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
                     WHERE NOT t.tgisinternal AND NOT starts_with(n.nspname, '_timescaledb_')),
             c AS MATERIALIZED (SELECT p.chunk, t.oid, t.tgname, t.tgenabled
                                  FROM p JOIN t ON t.tgrelid = p.chunk),
             r AS MATERIALIZED (SELECT p.chunk, p.root, t.oid, t.tgname, t.tgenabled FROM p JOIN t ON t.tgrelid = p.root
                                  JOIN pg_catalog.pg_trigger g ON g.oid = t.oid AND (g.tgtype & 1) = 1),
             b AS MATERIALIZED (
               SELECT coalesce(c.chunk, r.chunk) AS chunk, coalesce(c.tgname, r.tgname) AS tgname, c.oid, r.oid AS root_oid,
                      c.tgenabled, r.tgenabled AS root_enabled,
                      overlay(pg_get_triggerdef(c.oid) PLACING 'chunk'
                              FROM strpos(pg_get_triggerdef(c.oid), ' ON ' || c.chunk::regclass::text || ' ') + 4
                              FOR length(c.chunk::regclass::text)) AS def,
                      overlay(pg_get_triggerdef(r.oid) PLACING 'chunk'
                              FROM strpos(pg_get_triggerdef(r.oid), ' ON ' || r.root::regclass::text || ' ') + 4
                              FOR length(r.root::regclass::text)) AS root_def
                 FROM c FULL JOIN r ON r.chunk = c.chunk AND r.tgname = c.tgname)
            SELECT b.chunk::bigint, 'trigger', b.tgname, b.def, b.root_def, NULL FROM b
              LEFT JOIN pg_catalog.pg_trigger x ON x.oid = b.oid LEFT JOIN pg_catalog.pg_trigger y ON y.oid = b.root_oid
             WHERE b.def IS DISTINCT FROM b.root_def
               AND (x.tgqual IS NULL OR y.tgqual IS NULL
                    OR (x.tgtype, x.tgfoid, x.tgargs) IS DISTINCT FROM (y.tgtype, y.tgfoid, y.tgargs))
             UNION ALL
            SELECT chunk::bigint, 'trigger comment', tgname, obj_description(oid, 'pg_trigger'), NULL, NULL
              FROM b WHERE obj_description(oid, 'pg_trigger') IS NOT NULL
             UNION ALL
            SELECT chunk::bigint, 'trigger state', tgname, tgenabled::text, coalesce(root_enabled, 'O')::text, NULL
              FROM b WHERE tgenabled <> coalesce(root_enabled, 'O')""";

    private static final String POLICIES = """
            SELECT p.chunk::bigint, 'policy', y.polname,
                   concat_ws(' ', CASE WHEN y.polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END,
                             CASE y.polcmd WHEN 'r' THEN 'FOR SELECT' WHEN 'a' THEN 'FOR INSERT' WHEN 'w' THEN 'FOR UPDATE'
                                  WHEN 'd' THEN 'FOR DELETE' ELSE 'FOR ALL' END,
                             'TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC'
                                                              ELSE quote_ident(pg_get_userbyid(r)) END, ', '
                                                         ORDER BY pg_get_userbyid(r)) FROM unnest(y.polroles) r),
                             'USING (' || pg_get_expr(y.polqual, y.polrelid) || ')',
                             'WITH CHECK (' || pg_get_expr(y.polwithcheck, y.polrelid) || ')'), NULL, NULL
              FROM p JOIN pg_catalog.pg_policy y ON y.polrelid = p.chunk
             UNION ALL
            SELECT p.chunk::bigint, 'policy comment', y.polname, obj_description(y.oid, 'pg_policy'), NULL, NULL
              FROM p JOIN pg_catalog.pg_policy y ON y.polrelid = p.chunk
             WHERE obj_description(y.oid, 'pg_policy') IS NOT NULL""";

    private static final String COMMENTS = """
            SELECT p.chunk::bigint, CASE d.objsubid WHEN 0 THEN 'comment' ELSE 'column comment' END,
                   coalesce(a.attname, ''), d.description, NULL, NULL
              FROM p JOIN pg_catalog.pg_description d ON d.objoid = p.chunk AND d.classoid = 'pg_catalog.pg_class'::regclass
              LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND a.attnum > 0""";

    private static final String OTHERS = """
            SELECT p.chunk::bigint, 'rule', w.rulename, pg_get_ruledef(w.oid), NULL, NULL
              FROM p JOIN pg_catalog.pg_rewrite w ON w.ev_class = p.chunk
             UNION ALL
            SELECT p.chunk::bigint, 'statistics', quote_ident(n.nspname) || '.' || quote_ident(s.stxname),
                   pg_get_statisticsobjdef_columns(s.oid), NULL, NULL
              FROM p JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = p.chunk
              JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
             UNION ALL
            SELECT p.chunk::bigint, 'publication', b.pubname, 'yes', NULL, NULL
              FROM p JOIN pg_catalog.pg_publication_rel m ON m.prrelid = p.chunk
              JOIN pg_catalog.pg_publication b ON b.oid = m.prpubid
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel o WHERE o.prrelid = p.root AND o.prpubid = b.oid)
             UNION ALL
            SELECT p.chunk::bigint, 'tablespace of the compressed rows', '', k.spcname, cs.spcname, NULL
              FROM p JOIN _timescaledb_catalog.compression_settings s ON s.relid = p.chunk
              JOIN pg_catalog.pg_class m ON m.oid = s.compress_relid JOIN pg_catalog.pg_class c ON c.oid = p.chunk
              LEFT JOIN pg_catalog.pg_tablespace k ON k.oid = m.reltablespace
              LEFT JOIN pg_catalog.pg_tablespace cs ON cs.oid = c.reltablespace
             WHERE m.reltablespace <> c.reltablespace""";

    private static final String RANGES = """
            SELECT p.chunk::bigint, '%s', s.column_name, format('[%%s, %%s)%%s', s.range_start, s.range_end,
                   CASE WHEN NOT s.valid THEN ' invalid' ELSE '' END), NULL, NULL
              FROM p JOIN %s JOIN _timescaledb_catalog.chunk_column_stats s ON s.chunk_id = ch.id""";

    private DiscoverChunkProperties() {}

    /** Up to 2.28 TimescaleDB says which constraints of a chunk are those of its ranges; later it names them by a rule. */
    private static String withoutRanges(ServerCapabilities server) {
        return server.slicesNameTheirChunk() ? """

                          AND NOT EXISTS (SELECT FROM _timescaledb_catalog.dimension_slice s
                                           WHERE k.contype = 'c' AND k.conname = 'constraint_' || s.id)""" : """

                          AND NOT EXISTS (SELECT FROM _timescaledb_catalog.chunk_constraint s
                                           WHERE k.contype = 'c' AND k.conname = s.constraint_name
                                             AND s.dimension_slice_id IS NOT NULL)""";
    }

    private static String chunkById(ServerCapabilities server) {
        return server.chunksHaveRelid()
                ? "_timescaledb_catalog.chunk ch ON ch.relid = p.chunk"
                : "pg_catalog.pg_class k ON k.oid = p.chunk JOIN pg_catalog.pg_namespace n ON n.oid = k.relnamespace"
                        + " JOIN _timescaledb_catalog.chunk ch ON ch.schema_name = n.nspname AND ch.table_name = k.relname";
    }

    /** What no one granted is nothing, as what was revoked is. */
    private static String value(String facet) {
        return facet.replace(" AS \"grants\"", "");
    }

    private static String targets(String index) {
        return "(SELECT string_agg(a.attnum || ' ' || a.attstattarget, ', ' ORDER BY a.attnum)"
                + " FROM pg_catalog.pg_attribute a WHERE a.attrelid = " + index + " AND a.attstattarget <> -1)";
    }

    /** Chunks, by their oids, and the hypertable of each. */
    record Pairs(Long[] chunks, Long[] roots) {}

    /** Names of a chunk's indexes, those of constraints too, by what they are known by. */
    static Map<String, String> indexes(Connection connection, long chunk, long root) throws SQLException {
        Map<String, String> names = new TreeMap<>();
        Query.list(
                connection,
                PAIRS + OF_CHUNKS + " SELECT key, index FROM c ORDER BY place DESC",
                row -> names.put(row.getString(1), row.getString(2)),
                (Object) new Long[] {chunk},
                (Object) new Long[] {root});
        return names;
    }

    /** Reads them; no chunk, no query. */
    static List<DiscoveredChunkProperty> read(Connection connection, ServerCapabilities server, Pairs pairs)
            throws SQLException {
        List<DiscoveredChunkProperty> found = new ArrayList<>();
        if (pairs.chunks().length == 0) {
            return found;
        }
        for (String query : List.of(
                RELATIONS,
                COLUMNS,
                INDEXES,
                CONSTRAINTS.formatted(withoutRanges(server)),
                TRIGGERS,
                POLICIES,
                COMMENTS,
                OTHERS,
                RANGES.formatted(ChunkProperty.SKIPPED_RANGE, chunkById(server)))) {
            found.addAll(Query.list(
                    connection, PAIRS + query, DiscoverChunkProperties::property, (Object) pairs.chunks(), (Object)
                            pairs.roots()));
        }
        return found;
    }

    private static DiscoveredChunkProperty property(ResultSet row) throws SQLException {
        return new DiscoveredChunkProperty(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6));
    }

    /** The same as a manifest has it, in a fixed order. */
    static List<ChunkProperty> grouped(List<DiscoveredChunkProperty> properties, Map<Long, TableName> chunks) {
        record Key(
                String kind,
                String name,
                @org.jspecify.annotations.Nullable String value) {}
        Map<Key, List<TableName>> groups = new TreeMap<>(Comparator.comparing(Key::kind)
                .thenComparing(Key::name)
                .thenComparing(Key::value, Comparator.nullsFirst(Comparator.naturalOrder())));
        properties.forEach(property -> groups.computeIfAbsent(
                        new Key(property.kind(), property.name(), property.value()), key -> new ArrayList<>())
                .add(chunks.get(property.chunk())));
        return groups.entrySet().stream()
                .map(group -> new ChunkProperty(
                        group.getKey().kind(),
                        group.getKey().name(),
                        group.getKey().value(),
                        group.getValue().stream().sorted().toList()))
                .collect(Collectors.toList());
    }
}

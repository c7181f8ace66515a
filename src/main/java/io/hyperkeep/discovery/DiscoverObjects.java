package io.hyperkeep.discovery;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads what a schema is made of beside tables' columns, constraints, indexes and triggers, one query for each sort of
 * thing: rights, comments, settings, policies, views, functions, types and so on.
 *
 * <p>The columns of each query after the fifth are facets, named by their labels. What is not set is NULL, and so is a
 * default where versions write it differently: then nobody who compares has to know. Thread-safe: it has no state.
 */
final class DiscoverObjects {
    /** What is no part of an extension; {@code o} is bound to the object. */
    private static final String NO_EXTENSIONS = UserObjects.isNoMember("o");

    private static final String OWN = "WHERE " + UserObjects.IN_USERS_SCHEMA + " AND " + NO_EXTENSIONS;

    /**
     * An option that no one set: from PostgreSQL 17.12 on the server keeps a number of its own there, at every column,
     * another one in each database. Tried on 17.12; its pg_dump leaves it out, too.
     */
    static final String OF_THE_SERVER = "pg_attver";

    private DiscoverObjects() {}

    /**
     * Reads them.
     *
     * @param oids of the tables whose parts are wanted
     */
    static List<SchemaObject> read(Connection connection, ServerCapabilities server, Long[] oids) throws SQLException {
        List<SchemaObject> objects = new ArrayList<>();
        for (String query : ofTables()) {
            objects.addAll(Query.list(connection, query, DiscoverObjects::object, (Object) oids));
        }
        for (String query : besideTables(server)) {
            objects.addAll(Query.list(connection, query, DiscoverObjects::object));
        }
        // what has nothing to say is as good as not there, and there are many columns
        objects.removeIf(object -> object.table() != null && object.facets().isEmpty());
        return objects;
    }

    private static SchemaObject object(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        Map<String, String> facets = new TreeMap<>();
        for (int i = 6; i <= columns.getColumnCount(); i++) {
            String facet = row.getString(i);
            if (facet != null && !facet.isEmpty()) {
                facets.put(columns.getColumnLabel(i), facet);
            }
        }
        String table = row.getString(5);
        return new SchemaObject(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                table == null ? null : new TableName(row.getString(4), table),
                facets);
    }

    /**
     * Rights as people read them, {@code reader=SELECT,UPDATE*; PUBLIC=USAGE}, an asterisk for WITH GRANT OPTION. An
     * owner who has all rights, written down or not, is left out: which rights are all depends on the version.
     */
    static String grants(String acl, String kind, String owner) {
        return """
                nullif(concat_ws('; ',
                    (SELECT CASE WHEN has.rights IS DISTINCT FROM by_default.rights
                                 THEN 'owner=' || coalesce(has.rights, 'nothing') END
                       FROM (SELECT string_agg(a.privilege_type, ',' ORDER BY a.privilege_type) AS rights
                               FROM aclexplode(coalesce(ACL, acldefault(KIND, OWNER))) a WHERE a.grantee = OWNER) has,
                            (SELECT string_agg(a.privilege_type, ',' ORDER BY a.privilege_type) AS rights
                               FROM aclexplode(acldefault(KIND, OWNER)) a WHERE a.grantee = OWNER) by_default),
                    (SELECT string_agg(g.grantee || '=' || g.rights, '; ' ORDER BY g.grantee)
                       FROM (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC'
                                         ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
                                    string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END
                                               || CASE WHEN a.grantor <> OWNER
                                                       THEN ' by ' || quote_ident(pg_get_userbyid(a.grantor))
                                                       ELSE '' END,
                                               ',' ORDER BY a.privilege_type, a.grantor) AS rights
                               FROM aclexplode(coalesce(ACL, acldefault(KIND, OWNER))) a
                              WHERE a.grantee <> OWNER GROUP BY 1) g)), '') AS "grants\"""".replace("ACL", acl).replace("KIND", kind).replace("OWNER", owner);
    }

    /** Settings in the order of their names, NULL where there are none; they are kept in that of their setting. */
    static String settings(String array) {
        return "(SELECT string_agg(s, ', ' ORDER BY s) FROM unnest(" + array + ") s"
                + " WHERE split_part(s, '=', 1) <> '" + OF_THE_SERVER + "')";
    }

    private static List<String> ofTables() {
        return List.of(
                """
                SELECT 'table', NULL, '', n.nspname, c.relname, %s,
                       obj_description(c.oid, 'pg_class') AS "comment",
                       CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS "persistence",
                       %s AS "storage parameters", %s AS "TOAST storage parameters",
                       CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full'
                            WHEN 'i' THEN (SELECT 'index ' || r.relname FROM pg_catalog.pg_index i
                                             JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid
                                            WHERE i.indrelid = c.oid AND i.indisreplident)
                            END AS "replica identity",
                       nullif(concat_ws(', ', CASE WHEN c.relrowsecurity THEN 'enabled' END,
                                        CASE WHEN c.relforcerowsecurity THEN 'forced' END), '') AS "row security",
                       nullif(am.amname, 'heap') AS "access method",
                       (SELECT r.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid
                         WHERE i.indrelid = c.oid AND i.indisclustered) AS "index to cluster on",
                       (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                          FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) AS "parents",
                       pg_get_partkeydef(c.oid) AS "partition key", pg_get_expr(c.relpartbound, c.oid) AS "partition",
                       nullif(c.reloftype, 0)::regtype AS "row type"
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
                  LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
                 WHERE c.oid = ANY (?)""".formatted(
                                grants("c.relacl", "'r'", "c.relowner"),
                                settings("c.reloptions"),
                                settings("toast.reloptions")),
                // up to PostgreSQL 16 a statistics target of -1 is what is NULL later
                """
                SELECT 'column', NULL, a.attname, n.nspname, c.relname, %s,
                       col_description(c.oid, a.attnum) AS "comment",
                       CASE WHEN a.attstorage <> t.typstorage
                            THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended'
                                      WHEN 'm' THEN 'main' END END AS "storage",
                       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS "compression",
                       nullif(a.attstattarget, -1) AS "statistics target", %s AS "options"
                  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                 WHERE c.oid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped
                   AND (a.attacl IS NOT NULL OR a.attstorage <> t.typstorage OR a.attcompression <> ''
                        OR a.attstattarget <> -1 OR %s IS NOT NULL
                        OR EXISTS (SELECT FROM pg_catalog.pg_description d
                                    WHERE d.classoid = c.tableoid AND d.objoid = c.oid AND d.objsubid = a.attnum))
                 ORDER BY c.oid, a.attnum""".formatted(
                        grants("a.attacl", "'c'", "c.relowner"), settings("a.attoptions"), settings("a.attoptions")),
                """
                SELECT 'constraint', NULL, k.conname, n.nspname, c.relname,
                       obj_description(k.oid, 'pg_constraint') AS "comment"
                  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE k.conrelid = ANY (?) AND k.contype NOT IN ('n', 't')
                 ORDER BY c.oid, k.conname""",
                """
                SELECT 'index', NULL, r.relname, n.nspname, c.relname, %s FROM pg_catalog.pg_index i
                  JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
                  JOIN pg_catalog.pg_class t ON t.oid = c.oid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE i.indrelid = ANY (?) AND %s
                 ORDER BY c.oid, r.relname""".formatted(INDEX_FACETS, InvalidIndexes.DUMPED),
                """
                SELECT 'trigger', NULL, t.tgname, n.nspname, c.relname, obj_description(t.oid, 'pg_trigger') AS "comment"
                  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE t.tgrelid = ANY (?) AND NOT t.tgisinternal
                 ORDER BY c.oid, t.tgname""",
                """
                SELECT 'policy', NULL, p.polname, n.nspname, c.relname,
                       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                            WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS "command",
                       CASE WHEN NOT p.polpermissive THEN 'restrictive' END AS "sort",
                       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', '
                                          ORDER BY pg_get_userbyid(r)) FROM unnest(p.polroles) r) AS "roles",
                       pg_get_expr(p.polqual, p.polrelid) AS "condition",
                       pg_get_expr(p.polwithcheck, p.polrelid) AS "check",
                       obj_description(p.oid, 'pg_policy') AS "comment"
                  FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE p.polrelid = ANY (?)
                 ORDER BY c.oid, p.polname""",
                """
                SELECT 'rule', NULL, r.rulename, n.nspname, c.relname, %s
                  FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE r.ev_class = ANY (?)
                 ORDER BY c.oid, r.rulename""".formatted(RULE_FACETS),
                """
                SELECT 'statistics', NULL, quote_ident(sn.nspname) || '.' || quote_ident(s.stxname), n.nspname, c.relname,
                       pg_get_statisticsobjdef(s.oid) AS "definition", pg_get_userbyid(s.stxowner) AS "owner",
                       nullif(s.stxstattarget, -1) AS "statistics target",
                       obj_description(s.oid, 'pg_statistic_ext') AS "comment"
                  FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
                  JOIN pg_catalog.pg_namespace sn ON sn.oid = s.stxnamespace
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE s.stxrelid = ANY (?)
                 ORDER BY c.oid, s.stxname""",
                // which chunks are members follows from their hypertable
                """
                SELECT 'publication', NULL, p.pubname, n.nspname, c.relname, 'yes' AS "member",
                       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                          FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum = ANY (m.prattrs::int2[])) AS "columns",
                       pg_get_expr(m.prqual, m.prrelid) AS "row filter"
                  FROM pg_catalog.pg_publication_rel m JOIN pg_catalog.pg_publication p ON p.oid = m.prpubid
                  JOIN pg_catalog.pg_class c ON c.oid = m.prrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE m.prrelid = ANY (?)
                 ORDER BY c.oid, p.pubname""");
    }

    private static final String INDEX_FACETS = """
            obj_description(r.oid, 'pg_class') AS "comment", CASE WHEN NOT i.indisvalid THEN 'invalid' END AS "state",
            (SELECT string_agg(a.attname || ' ' || a.attstattarget::text, ', ' ORDER BY a.attnum)
               FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attstattarget <> -1) AS "statistics targets",
            (SELECT p.inhparent::regclass::text FROM pg_catalog.pg_inherits p WHERE p.inhrelid = r.oid) AS "parent\"""";

    private static final String RULE_FACETS = """
            pg_get_ruledef(r.oid) AS "definition",
            CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled for replicas' WHEN 'A' THEN 'enabled always'
                 END AS "state", obj_description(r.oid, 'pg_rewrite') AS "comment\"""";

    private static List<String> besideTables(ServerCapabilities server) {
        return List.of(
                """
                SELECT 'schema', NULL, o.nspname, NULL, NULL, %s, pg_get_userbyid(o.nspowner) AS "owner",
                       obj_description(o.oid, 'pg_namespace') AS "comment"
                  FROM pg_catalog.pg_namespace o JOIN pg_catalog.pg_namespace n ON n.oid = o.oid %s
                 ORDER BY o.nspname""".formatted(grants("o.nspacl", "'n'", "o.nspowner"), OWN),
                // its version is what the server has, which may be another one; so is the comment that it brings
                """
                SELECT 'extension', NULL, e.extname, NULL, NULL, n.nspname AS "schema",
                       CASE WHEN %s
                            THEN coalesce(obj_description(e.oid, 'pg_extension'), 'none') END AS "comment"
                  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                 WHERE e.extname <> 'plpgsql' ORDER BY e.extname""".formatted(ExtensionComments.IS_USERS),
                """
                SELECT CASE WHEN %2$s THEN 'continuous aggregate' WHEN o.relkind = 'v' THEN 'view'
                            WHEN o.relkind = 'm' THEN 'materialized view' ELSE 'foreign table' END,
                       n.nspname, o.relname, NULL, NULL, %1$s, pg_get_userbyid(o.relowner) AS "owner",
                       obj_description(o.oid, 'pg_class') AS "comment", %3$s AS "options",
                       CASE WHEN o.relkind <> 'f' AND NOT %2$s THEN pg_get_viewdef(o.oid) END AS "definition",
                       CASE WHEN o.relkind = 'm' AND NOT o.relispopulated THEN 'not filled' END AS "state",
                       (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                                                    'default ' || pg_get_expr(d.adbin, d.adrelid),
                                                    'comment ' || quote_literal(col_description(o.oid, a.attnum)),
                                                    'grants ' || (SELECT string_agg(acl::text, ' ' ORDER BY acl::text)
                                                                    FROM unnest(a.attacl) acl)),
                                          ', ' ORDER BY a.attnum)
                          FROM pg_catalog.pg_attribute a
                          LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                         WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped) AS "columns"
                  FROM pg_catalog.pg_class o JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace %4$s
                   AND o.relkind IN ('v', 'm', 'f') AND %5$s
                 ORDER BY n.nspname, o.relname""".formatted(
                                grants("o.relacl", "'r'", "o.relowner"),
                                server.hasTimescale() ? IS_AGGREGATE : "false",
                                settings("o.reloptions"),
                                OWN,
                                UserObjects.isNotInternal(server, "o")),
                """
                SELECT 'index', n.nspname, o.relname, NULL, NULL, pg_get_indexdef(o.oid) AS "definition", %s
                  FROM pg_catalog.pg_class o JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
                  JOIN pg_catalog.pg_index i ON i.indexrelid = o.oid JOIN pg_catalog.pg_class r ON r.oid = o.oid
                  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid AND t.relkind = 'm' %s AND %s
                 ORDER BY n.nspname, o.relname""".formatted(INDEX_FACETS, OWN, InvalidIndexes.DUMPED),
                """
                SELECT 'trigger', n.nspname, c.relname || ' ' || o.tgname, NULL, NULL,
                       pg_get_triggerdef(o.oid) AS "definition", obj_description(o.oid, 'pg_trigger') AS "comment",
                       CASE o.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled for replicas'
                            WHEN 'A' THEN 'enabled always' END AS "state"
                  FROM pg_catalog.pg_trigger o JOIN pg_catalog.pg_class c ON c.oid = o.tgrelid AND c.relkind = 'v'
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace %s AND NOT o.tgisinternal
                 ORDER BY n.nspname, c.relname, o.tgname""".formatted(OWN),
                """
                SELECT 'rule', n.nspname, c.relname || ' ' || o.rulename, NULL, NULL, %s
                  FROM pg_catalog.pg_rewrite o JOIN pg_catalog.pg_rewrite r ON r.oid = o.oid
                  JOIN pg_catalog.pg_class c ON c.oid = o.ev_class AND c.relkind = 'v'
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace %s AND o.rulename <> '_RETURN'
                 ORDER BY n.nspname, c.relname, o.rulename""".formatted(RULE_FACETS, OWN),
                """
                SELECT 'sequence', CASE WHEN t.oid IS NULL THEN n.nspname END, o.relname, tn.nspname, t.relname, %s,
                       pg_get_userbyid(o.relowner) AS "owner", obj_description(o.oid, 'pg_class') AS "comment",
                       CASE o.relpersistence WHEN 'u' THEN 'unlogged' END AS "persistence",
                       (SELECT a.attname FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = d.refobjid AND a.attnum = d.refobjsubid) AS "owning column"
                  FROM pg_catalog.pg_class o JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
                  LEFT JOIN pg_catalog.pg_depend d
                    ON d.classid = o.tableoid AND d.objid = o.oid AND d.objsubid = 0
                   AND d.refclassid = o.tableoid AND d.deptype IN ('a', 'i')
                  LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
                  LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace %s
                   AND o.relkind = 'S' AND o.relpersistence IN ('p', 'u')
                 ORDER BY n.nspname, o.relname""".formatted(grants("o.relacl", "'s'", "o.relowner"), OWN),
                """
                SELECT CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname,
                       o.proname || '(' || coalesce((SELECT string_agg(format_type(t, NULL), ', ' ORDER BY place)
                                                       FROM unnest(o.proargtypes) WITH ORDINALITY AS a(t, place)), '')
                       || ')', NULL, NULL, %s, pg_get_userbyid(o.proowner) AS "owner",
                       obj_description(o.oid, 'pg_proc') AS "comment",
                       CASE WHEN o.prokind <> 'a' THEN pg_get_functiondef(o.oid)
                            ELSE (SELECT concat_ws(' ', g.aggtransfn::regprocedure, format_type(g.aggtranstype, NULL),
                                                   nullif(g.aggfinalfn::oid, 0)::regprocedure,
                                                   nullif(g.aggcombinefn::oid, 0)::regprocedure, quote_literal(g.agginitval))
                                    FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = o.oid) END AS "definition"
                  FROM pg_catalog.pg_proc o JOIN pg_catalog.pg_namespace n ON n.oid = o.pronamespace %s
                 ORDER BY 2, 3""".formatted(grants("o.proacl", "'f'", "o.proowner"), OWN),
                // arrays, multiranges and row types come with what they are of
                """
                SELECT CASE o.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, n.nspname, o.typname, NULL, NULL, %s,
                       pg_get_userbyid(o.typowner) AS "owner", obj_description(o.oid, 'pg_type') AS "comment",
                       (SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)
                          FROM pg_catalog.pg_enum l WHERE l.enumtypid = o.oid) AS "labels",
                       (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                                                    nullif(a.attcollation, t.typcollation)::regcollation), ', '
                                          ORDER BY a.attnum)
                          FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                         WHERE o.typtype = 'c' AND a.attrelid = o.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
                       AS "attributes",
                       (SELECT concat_ws(' ', format_type(r.rngsubtype, NULL), nullif(r.rngsubdiff::oid, 0)::regprocedure,
                                         nullif(r.rngcanonical::oid, 0)::regprocedure, format_type(r.rngmultitypid, NULL))
                          FROM pg_catalog.pg_range r WHERE r.rngtypid = o.oid) AS "range",
                       CASE WHEN o.typtype = 'd' THEN concat_ws(' ', format_type(o.typbasetype, o.typtypmod),
                            CASE WHEN o.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || o.typdefault) END AS "base type",
                       (SELECT string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
                          FROM pg_catalog.pg_constraint k WHERE k.contypid = o.oid AND k.contype = 'c') AS "constraints",
                       CASE WHEN o.typtype = 'b' THEN concat_ws(' ', o.typinput::regprocedure, o.typoutput::regprocedure)
                            END AS "functions"
                  FROM pg_catalog.pg_type o JOIN pg_catalog.pg_namespace n ON n.oid = o.typnamespace
                  LEFT JOIN pg_catalog.pg_class c ON c.oid = o.typrelid %s
                   AND o.typtype IN ('b', 'c', 'd', 'e', 'r') AND coalesce(c.relkind, 'c') = 'c'
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = o.oid)
                 ORDER BY n.nspname, o.typname""".formatted(grants("o.typacl", "'T'", "o.typowner"), OWN),
                // pubgencols is new in PostgreSQL 18, 'n' is what earlier ones do
                """
                SELECT 'publication', NULL, p.pubname, NULL, NULL, pg_get_userbyid(p.pubowner) AS "owner",
                       obj_description(p.oid, 'pg_publication') AS "comment",
                       CASE WHEN p.puballtables THEN 'every table' END AS "scope",
                       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)
                       AS "operations", CASE WHEN p.pubviaroot THEN 'yes' END AS "via root",
                       nullif(to_jsonb(p) ->> 'pubgencols', 'n') AS "generated columns",
                       (SELECT string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname)
                          FROM pg_catalog.pg_publication_namespace s JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid
                         WHERE s.pnpubid = p.oid) AS "schemas"
                  FROM pg_catalog.pg_publication p ORDER BY p.pubname""",
                """
                SELECT 'event trigger', NULL, o.evtname, NULL, NULL, pg_get_userbyid(o.evtowner) AS "owner",
                       obj_description(o.oid, 'pg_event_trigger') AS "comment", o.evtevent AS "event",
                       o.evtfoid::regprocedure AS "function", array_to_string(o.evttags, ', ') AS "tags",
                       CASE o.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled for replicas'
                            WHEN 'A' THEN 'enabled always' END AS "state"
                  FROM pg_catalog.pg_event_trigger o WHERE %s ORDER BY o.evtname""".formatted(NO_EXTENSIONS),
                // pg_dump's name of it, and whose
                """
                SELECT 'default acl', n.nspname, 'DEFAULT PRIVILEGES FOR ' || CASE o.defaclobjtype WHEN 'r' THEN 'TABLES'
                       WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS'
                       ELSE 'LARGE OBJECTS' END || ' (role ' || pg_get_userbyid(o.defaclrole) || ')', NULL, NULL,
                       (SELECT string_agg(acl::text, ', ' ORDER BY acl::text) FROM unnest(o.defaclacl) acl) AS "grants"
                  FROM pg_catalog.pg_default_acl o LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.defaclnamespace
                 ORDER BY 2, 3""",
                """
                SELECT 'operator', n.nspname, format('%%s (%%s, %%s)', o.oprname, format_type(nullif(o.oprleft, 0), NULL),
                       format_type(nullif(o.oprright, 0), NULL)), NULL, NULL, pg_get_userbyid(o.oprowner) AS "owner",
                       nullif(o.oprcode::oid, 0)::regprocedure AS "function",
                       obj_description(o.oid, 'pg_operator') AS "comment"
                  FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace %s
                   AND o.oprcode::oid <> 0
                 ORDER BY 2, 3""".formatted(OWN),
                """
                SELECT 'cast', 'pg_catalog',
                       format('CAST (%%s AS %%s)', format_type(o.castsource, NULL), format_type(o.casttarget, NULL)),
                       NULL, NULL, nullif(o.castfunc, 0)::regprocedure AS "function",
                       CASE o.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END
                       AS "context", obj_description(o.oid, 'pg_cast') AS "comment"
                  FROM pg_catalog.pg_cast o WHERE o.oid >= 16384 AND %s ORDER BY 3""".formatted(NO_EXTENSIONS),
                // colllocale is colliculocale up to PostgreSQL 16
                """
                SELECT 'collation', n.nspname, o.collname, NULL, NULL, pg_get_userbyid(o.collowner) AS "owner",
                       concat_ws(' ', o.collprovider, coalesce(to_jsonb(o) ->> 'colllocale', to_jsonb(o) ->> 'colliculocale'),
                                 o.collcollate, o.collctype, CASE WHEN NOT o.collisdeterministic THEN 'nondeterministic' END)
                       AS "definition", obj_description(o.oid, 'pg_collation') AS "comment"
                  FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace %s
                 ORDER BY 2, 3""".formatted(OWN));
    }

    /** Such a view names internal tables, whose names hold a number of their database: its definition is another one. */
    private static final String IS_AGGREGATE = """
            EXISTS (SELECT FROM _timescaledb_catalog.continuous_agg a
                     WHERE a.user_view_schema = n.nspname AND a.user_view_name = o.relname)""";
}

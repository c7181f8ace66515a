package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.Part;
import io.hyperkeep.plan.Unit;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything beside the rows that decides what a unit's file holds, as a hash of a unit; read once for all units, in
 * the snapshot of the holder.
 *
 * <p>In it: the way of exporting; PostgreSQL's major version and TimescaleDB's version; the exported columns; of each
 * physical relation, companions too, every attribute, dropped ones included, with the value that rows from before it was added have; of
 * each type, through arrays, ranges, domains and composites: its definition, labels, attributes, output function and
 * extension. The catalog rows' xmin too: no lock of ours protects types, and without locks none protects columns, and a
 * label or type that is changed there and back while a unit is read is a change.
 *
 * <p>Some units have none and are never reused, because something else decides: names of objects (types such as
 * {@code regclass}), a library on disk (base types of no extension), an access method other than {@code heap}.
 */
public final class SchemaHashes {
    /** To be raised whenever this program writes the same rows in another way. */
    private static final String WAY = "1 " + ExportUnit.COPY_OPTIONS;

    private static final String RELATIONS = """
            SELECT c.oid::bigint, c.relkind = 'r' AND am.amname = 'heap',
                   (SELECT jsonb_agg(jsonb_build_array(a.attnum, a.attname, a.atttypid, a.atttypmod, a.attisdropped,
                                                       a.attcollation, a.attmissingval::text, a.xmin::text, a.attgenerated,
                                                       CASE WHEN a.attgenerated <> ''
                                                            THEN pg_get_expr(d.adbin, d.adrelid) END)
                                     ORDER BY a.attnum)::text
                      FROM pg_catalog.pg_attribute a
                      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                     WHERE a.attrelid = c.oid AND a.attnum > 0)
              FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
             WHERE c.oid = ANY (?)
            """;

    private static final String TYPES = """
            WITH RECURSIVE used AS (
              SELECT a.attrelid AS tableoid, a.atttypid AS typid
                FROM pg_catalog.pg_attribute a
               WHERE a.attrelid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped
              UNION
              SELECT u.tableoid, part.typid
                FROM used u JOIN pg_catalog.pg_type t ON t.oid = u.typid
               CROSS JOIN LATERAL (
                  SELECT t.typelem WHERE t.typelem <> 0
                  UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
                  UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
                  UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                             WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                ) AS part (typid)),
            described AS (
              SELECT t.oid,
                     -- 16384: the first oid that initdb does not give out (PostgreSQL 17, access/transam.h)
                     NOT (t.typnamespace = 'pg_catalog'::regnamespace AND (t.typname LIKE 'reg%' OR t.typname = 'aclitem'))
                       AND NOT (t.typtype = 'b' AND t.typelem = 0 AND t.oid >= 16384 AND e.oid IS NULL) AS comparable,
                     jsonb_build_array(t.oid, t.xmin::text, t.typname, t.typtype, t.typlen, t.typdelim, t.typbasetype,
                         t.typtypmod, p.oid, p.xmin::text, p.prosrc, p.probin, e.extname, e.extversion,
                         (SELECT jsonb_agg(jsonb_build_array(l.oid, l.enumlabel, l.xmin::text) ORDER BY l.oid)
                            FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid),
                         (SELECT jsonb_agg(jsonb_build_array(a.attnum, a.attname, a.atttypid, a.atttypmod, a.attisdropped,
                                                             a.attmissingval::text, a.xmin::text) ORDER BY a.attnum)
                            FROM pg_catalog.pg_attribute a
                           WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0)) AS definition
                FROM pg_catalog.pg_type t
                JOIN pg_catalog.pg_proc p ON p.oid = t.typoutput
                LEFT JOIN pg_catalog.pg_depend d
                  ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
               WHERE t.oid IN (SELECT typid FROM used))
            SELECT u.tableoid::bigint, bool_and(t.comparable), jsonb_agg(t.definition ORDER BY t.oid)::text
              FROM used u JOIN described t ON t.oid = u.typid
             GROUP BY u.tableoid
            """;

    private static final String COMPRESSION = """
            SELECT c.oid::bigint, true, to_jsonb(s)::text
              FROM _timescaledb_catalog.compression_settings s JOIN pg_catalog.pg_class c ON c.oid = s.relid
             WHERE c.oid = ANY (?)
            """;

    private final Map<String, String> byUnit = new HashMap<>();

    private SchemaHashes() {}

    /**
     * Reads them.
     *
     * @param session in the attempt's snapshot
     * @param inventory what was selected, in that snapshot
     */
    public static SchemaHashes read(
            Connection session, ServerCapabilities server, Inventory inventory, List<Unit> units) throws SQLException {
        Source.Timescale timescale = inventory.source().timescale();
        String versions = server.serverMajor() + " " + (timescale == null ? "" : timescale.version());
        Map<TableName, Long> tables = new HashMap<>();
        inventory.tables().forEach(table -> tables.put(table.name(), table.oid()));
        Map<Long, Described> types = describe(session, TYPES, Set.copyOf(tables.values()));
        Map<Long, Described> relations = describe(
                session,
                RELATIONS,
                units.stream()
                        .flatMap(unit -> unit.parts().stream())
                        .flatMap(SchemaHashes::relations)
                        .collect(Collectors.toSet()));
        Set<Long> compressed = units.stream()
                .flatMap(unit -> unit.parts().stream())
                .filter(part -> part.companion() != null)
                .map(Part::oid)
                .collect(Collectors.toSet());
        Map<Long, Described> compression = compressed.isEmpty() ? Map.of() : describe(session, COMPRESSION, compressed);
        SchemaHashes hashes = new SchemaHashes();
        for (Unit unit : units) {
            List<Optional<Described>> all = new ArrayList<>();
            all.add(Optional.ofNullable(types.get(tables.get(unit.table()))));
            for (Part part : unit.parts()) {
                relations(part).forEach(oid -> all.add(Optional.ofNullable(relations.get(oid))));
                if (part.companion() != null) {
                    all.add(Optional.ofNullable(compression.get(part.oid())));
                }
            }
            if (all.stream().allMatch(one -> one.isPresent() && one.get().comparable())) {
                hashes.byUnit.put(
                        unit.id(),
                        sha256(WAY
                                + versions
                                + columns(unit)
                                + all.stream()
                                        .map(one -> one.orElseThrow().text())
                                        .collect(Collectors.joining("\n"))));
            }
        }
        return hashes;
    }

    /** The hash of one of these units, or null when the unit can never be reused. */
    @Nullable
    String of(Unit unit) {
        return byUnit.get(unit.id());
    }

    private record Described(boolean comparable, String text) {}

    private static Map<Long, Described> describe(Connection session, String sql, Set<Long> oids) throws SQLException {
        Map<Long, Described> found = new HashMap<>();
        Query.list(
                session,
                sql,
                row -> found.put(row.getLong(1), new Described(row.getBoolean(2), String.valueOf(row.getString(3)))),
                (Object) oids.toArray(Long[]::new));
        return found;
    }

    private static Stream<Long> relations(Part part) {
        return Stream.of(part.oid(), part.companionOid()).filter(oid -> oid != null);
    }

    private static String columns(Unit unit) {
        // a default, or whether NULL is refused, is the schema's affair: no file holds it
        return unit.columns().stream()
                .map((Column column) -> column.name() + " " + column.type())
                .collect(Collectors.joining("\n", "\n", "\n"));
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.ExtensionComments;
import io.hyperkeep.manifest.SchemaEntry.Section;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Entries that pg_dump is not asked for: TimescaleDB itself, as pg_dump would lock its catalog's tables for it; and
 * comments on extensions, as far as they are not those that an extension brings itself.
 */
final class ExtensionEntries {
    /** What an extension is called in pg_dump's table of contents. */
    static final String TYPE = "EXTENSION";

    private static final String TIMESCALE = "timescaledb";

    /** Objects that use what TimescaleDB brings; pg_depend has a view's rule for the view, and a default for its table. */
    private static final String USERS = """
            SELECT DISTINCT coalesce(v.tableoid, t.tableoid, d.classid)::bigint, coalesce(v.oid, t.oid, d.objid)::bigint
              FROM pg_catalog.pg_depend m
              JOIN pg_catalog.pg_extension e
                ON m.refclassid = e.tableoid AND m.refobjid = e.oid AND m.deptype = 'e' AND e.extname = 'timescaledb'
              JOIN pg_catalog.pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype <> 'e'
              LEFT JOIN pg_catalog.pg_rewrite r ON r.tableoid = d.classid AND r.oid = d.objid
              LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
              LEFT JOIN pg_catalog.pg_attrdef f ON f.tableoid = d.classid AND f.oid = d.objid
              LEFT JOIN pg_catalog.pg_constraint k ON k.tableoid = d.classid AND k.oid = d.objid
              LEFT JOIN pg_catalog.pg_class t ON t.oid = coalesce(f.adrelid, k.conrelid)
             WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                                WHERE x.classid = d.classid AND x.objid = d.objid AND x.deptype = 'e')""";

    private ExtensionEntries() {}

    /** The number of TimescaleDB's entry among these, or 0 without it. */
    static int timescale(List<ArchiveEntry> entries) {
        return entries.stream()
                .filter(entry -> isTimescale(entry) && entry.catalog() == 0)
                .mapToInt(ArchiveEntry::id)
                .findFirst()
                .orElse(0);
    }

    static boolean isTimescale(ArchiveEntry entry) {
        return entry.type().equals(TYPE) && entry.tag().equals(TIMESCALE);
    }

    /** Objects that need TimescaleDB; what it brings itself is not among them. */
    static Set<CatalogObject> users(Connection connection) throws SQLException {
        return new HashSet<>(Query.list(connection, USERS, row -> new CatalogObject(row.getLong(1), row.getLong(2))));
    }

    /**
     * Puts these entries behind those of schemas, and behind those of other extensions.
     *
     * @param later the entries of the other section, whose numbers are taken too
     */
    static SplitArchive.Parts with(
            Connection connection, SplitArchive.Parts preData, List<ArchiveEntry> later, SchemaRequest request)
            throws SQLException {
        int next = 1
                + Stream.concat(preData.entries().stream(), later.stream())
                        .mapToInt(ArchiveEntry::id)
                        .max()
                        .orElse(0);
        List<ArchiveEntry> entries = preData.entries().stream()
                .filter(entry -> !isTimescale(entry) && !isComment(entry))
                .collect(Collectors.toCollection(ArrayList::new));
        int place = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).type().equals("SCHEMA") || entries.get(i).type().equals(TYPE)) {
                place = i + 1;
            }
        }
        String schema = request.timescaleSchema();
        if (schema != null) {
            String name = Latin.bytes(schema);
            List<Integer> needs = entries.stream()
                    .filter(entry ->
                            entry.type().equals("SCHEMA") && entry.tag().equals(name))
                    .map(ArchiveEntry::id)
                    .toList();
            String statement = "CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA "
                    + Latin.bytes(Identifiers.quote(schema)) + ";\n\n\n";
            entries.add(place++, entry(next++, TYPE, TIMESCALE, needs, statement));
        }
        for (Map.Entry<String, @Nullable String> comment :
                ExtensionComments.read(connection).entrySet()) {
            List<Integer> needs = entries.stream()
                    .filter(entry -> entry.type().equals(TYPE) && entry.tag().equals(Latin.bytes(comment.getKey())))
                    .map(ArchiveEntry::id)
                    .toList();
            String text = comment.getValue();
            String statement = "COMMENT ON EXTENSION " + Identifiers.quote(comment.getKey()) + " IS "
                    + (text == null ? "NULL" : Identifiers.literal(text)) + ";\n\n\n";
            entries.add(
                    place++, entry(next++, "COMMENT", "EXTENSION " + comment.getKey(), needs, Latin.bytes(statement)));
        }
        return new SplitArchive.Parts(preData.preamble(), entries, preData.trailer());
    }

    private static boolean isComment(ArchiveEntry entry) {
        return entry.type().equals("COMMENT") && entry.tag().startsWith("EXTENSION ");
    }

    private static ArchiveEntry entry(int id, String type, String tag, List<Integer> needs, String statement) {
        String header = "--\n-- TOC entry " + id + " (class 0 OID 0)\n-- Name: " + Latin.bytes(tag) + "; Type: " + type
                + "; Schema: -; Owner: -\n--\n\n";
        return new ArchiveEntry(
                id, 0, 0, type, null, Latin.bytes(tag), null, Section.PRE_DATA, needs, header, statement);
    }
}

package io.hyperkeep.discovery;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.TimeRange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads continuous aggregates from TimescaleDB's catalog: what they are, and what of them is still to be materialized.
 *
 * <p>Those of the form before TimescaleDB 2.7 ({@code finalized = false}) are left out: their rows are parts of results,
 * and no statement creates such an aggregate again.
 */
final class DiscoverAggregates {
    private static final String AGGREGATES = """
            SELECT a.mat_hypertable_id, a.user_view_schema, a.user_view_name, pg_get_userbyid(v.relowner),
                   rtrim(pg_get_viewdef(direct.oid), ';'), a.materialized_only,
                   m.schema_name, m.table_name, c.oid::bigint, c.relfilenode::bigint, raw.schema_name, raw.table_name,
                   b.bucket_width, b.bucket_fixed_width,
                   -- an aggregate of nothing has its type's smallest value
                   CASE WHEN w.watermark > CASE d.column_type WHEN 'bigint'::regtype THEN (-9223372036854775808)
                                                              WHEN 'integer'::regtype THEN (-2147483648)
                                                              WHEN 'smallint'::regtype THEN (-32768)
                                                              ELSE (-210866803200000000) END
                        THEN w.watermark END
              FROM _timescaledb_catalog.continuous_agg a
              JOIN pg_catalog.pg_namespace vn ON vn.nspname = a.user_view_schema
              JOIN pg_catalog.pg_class v ON v.relnamespace = vn.oid AND v.relname = a.user_view_name
              JOIN pg_catalog.pg_namespace dn ON dn.nspname = a.direct_view_schema
              JOIN pg_catalog.pg_class direct ON direct.relnamespace = dn.oid AND direct.relname = a.direct_view_name
              JOIN _timescaledb_catalog.hypertable raw ON raw.id = a.raw_hypertable_id
              JOIN _timescaledb_catalog.hypertable m ON m.id = a.mat_hypertable_id
              JOIN _timescaledb_catalog.dimension d ON d.hypertable_id = m.id AND d.interval_length IS NOT NULL
              JOIN pg_catalog.pg_namespace mn ON mn.nspname = m.schema_name
              JOIN pg_catalog.pg_class c ON c.relnamespace = mn.oid AND c.relname = m.table_name
              JOIN _timescaledb_catalog.continuous_aggs_bucket_function b ON b.mat_hypertable_id = m.id
              LEFT JOIN _timescaledb_catalog.continuous_aggs_watermark w ON w.mat_hypertable_id = m.id
             -- later versions know no other form, and have no such column
             WHERE coalesce((to_jsonb(a) ->> 'finalized')::boolean, true)
             ORDER BY a.mat_hypertable_id
            """;

    private static final String READS = """
            SELECT a.mat_hypertable_id, n.nspname, c.relname, c.relkind = 'v'
              FROM _timescaledb_catalog.continuous_agg a
              JOIN pg_catalog.pg_namespace dn ON dn.nspname = a.direct_view_schema
              JOIN pg_catalog.pg_class direct ON direct.relnamespace = dn.oid AND direct.relname = a.direct_view_name
              JOIN pg_catalog.pg_rewrite r ON r.ev_class = direct.oid
              JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
               AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> direct.oid
              JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v')
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
            """;

    private static final String PENDING = """
            SELECT a.mat_hypertable_id, l.first, l.last
              FROM _timescaledb_catalog.continuous_agg a
              JOIN (SELECT materialization_id AS aggregate, NULL::int AS hypertable,
                           lowest_modified_value AS first, greatest_modified_value AS last
                      FROM _timescaledb_catalog.continuous_aggs_materialization_invalidation_log
                    UNION ALL SELECT NULL, hypertable_id, lowest_modified_value, greatest_modified_value
                      FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log%s) l
                ON l.aggregate = a.mat_hypertable_id OR l.hypertable = a.raw_hypertable_id
             ORDER BY 1, 2, 3
            """;

    /** What a refresh has taken out of the log and not materialized yet: it does so in transactions of their own. */
    private static final String BEING_REFRESHED = """

                    UNION ALL SELECT materialization_id, NULL, lowest_modified_value, greatest_modified_value
                      FROM _timescaledb_catalog.continuous_aggs_materialization_ranges""";

    /** The columns of an index that has nothing but columns. */
    private static final Pattern OF_COLUMNS =
            Pattern.compile("btree \\(((?:[^()\"]|\"(?:[^\"]|\"\")*\")*)\\)", Pattern.DOTALL);

    private static final Pattern COLUMN =
            Pattern.compile("(?:\\G|, )(?:\"((?:[^\"]|\"\")*)\"|([^ ,\"]+))(?: [^,\"]*)?", Pattern.DOTALL);

    /** Of the columns' part of a name, beside that of the materialization hypertable. */
    private static final int MOST_CHARACTERS = 30;

    private final ServerCapabilities server;

    DiscoverAggregates(ServerCapabilities server) {
        this.server = server;
    }

    private record Row(
            int id,
            TableName name,
            String owner,
            String definition,
            boolean materializedOnly,
            TableName materialization,
            long oid,
            long filenode,
            TableName source,
            String bucketWidth,
            boolean fixedWidth,
            @Nullable Long watermark) {}

    /** Every aggregate, in the order in which they can be created. */
    Map<TableName, DiscoveredAggregate> read(Connection connection) throws SQLException {
        List<Row> rows = Query.list(
                connection,
                AGGREGATES,
                row -> new Row(
                        row.getInt(1),
                        new TableName(row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getString(5),
                        row.getBoolean(6),
                        new TableName(row.getString(7), row.getString(8)),
                        row.getLong(9),
                        row.getLong(10),
                        new TableName(row.getString(11), row.getString(12)),
                        row.getString(13),
                        row.getBoolean(14),
                        row.getObject(15) == null ? null : row.getLong(15)));
        if (rows.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Set<TableName>> needs = needs(connection, rows);
        Map<Integer, List<TimeRange>> pending = pending(connection);
        Map<TableName, DiscoveredAggregate> aggregates = new LinkedHashMap<>();
        for (Row row : rows) {
            ContinuousAggregate aggregate = new ContinuousAggregate(
                    row.name(),
                    row.definition(),
                    row.materializedOnly(),
                    List.copyOf(needs.getOrDefault(row.id(), Set.of())),
                    row.bucketWidth(),
                    row.fixedWidth(),
                    row.watermark(),
                    pending.getOrDefault(row.id(), List.of()).stream()
                            .filter(range -> row.watermark() != null && range.first() < row.watermark())
                            .toList());
            aggregates.put(
                    row.name(),
                    new DiscoveredAggregate(aggregate, row.owner(), row.materialization(), row.oid(), row.filenode()));
        }
        return aggregates;
    }

    private static Map<Integer, Set<TableName>> needs(Connection connection, List<Row> rows) throws SQLException {
        Map<TableName, TableName> views = new HashMap<>();
        rows.forEach(row -> views.put(row.materialization(), row.name()));
        Map<Integer, Set<TableName>> needs = new HashMap<>();
        for (Row row : rows) {
            needs.put(row.id(), new LinkedHashSet<>(List.of(views.getOrDefault(row.source(), row.source()))));
        }
        record Read(int id, TableName relation, boolean view) {}
        for (Read read : Query.list(
                connection,
                READS,
                row -> new Read(row.getInt(1), new TableName(row.getString(2), row.getString(3)), row.getBoolean(4)))) {
            // of views only aggregates hold rows
            if (needs.containsKey(read.id()) && (!read.view() || views.containsValue(read.relation()))) {
                needs.get(read.id()).add(views.getOrDefault(read.relation(), read.relation()));
            }
        }
        return needs;
    }

    private Map<Integer, List<TimeRange>> pending(Connection connection) throws SQLException {
        Map<Integer, List<TimeRange>> pending = new HashMap<>();
        Query.list(
                connection,
                PENDING.formatted(server.refreshesInRanges() ? BEING_REFRESHED : ""),
                row -> pending.computeIfAbsent(row.getInt(1), id -> new ArrayList<>())
                        .add(new TimeRange(row.getLong(2), row.getLong(3))));
        return pending;
    }

    /**
     * Indexes of a materialization hypertable as those of the aggregate: on the view, as they are created, and without
     * the names that were made of the hypertable's, whose number is another one in every database.
     */
    static List<NamedDefinition> indexes(DiscoveredAggregate aggregate, List<NamedDefinition> indexes) {
        TableName materialization = aggregate.materialization();
        // the hypertable's name has nothing that PostgreSQL would quote
        String on = " ON " + materialization.schema() + "." + materialization.name() + " USING ";
        List<NamedDefinition> result = new ArrayList<>();
        for (NamedDefinition index : indexes) {
            String definition = index.definition();
            int at = definition.indexOf(on);
            if (at < 0) {
                result.add(index);
                continue;
            }
            String using =
                    " ON " + Identifiers.quote(aggregate.name()) + " USING " + definition.substring(at + on.length());
            boolean named = !index.name().startsWith(materialization.name() + "_");
            String key = definition.substring(at + on.length());
            String rest =
                    named ? "" : index.name().substring(materialization.name().length());
            result.add(new NamedDefinition(
                    named ? index.name() : isOfColumns(rest, key) ? key : NamedDefinition.MATERIALIZATION + rest,
                    (named ? definition.substring(0, at) : "CREATE INDEX") + using));
        }
        return result;
    }

    /**
     * Whether PostgreSQL would make this rest of a name of the columns that the index has by now: not if one was renamed
     * since. An index of anything but columns counts as named so.
     */
    private static boolean isOfColumns(String rest, String key) {
        Matcher columns = OF_COLUMNS.matcher(key);
        if (!columns.matches()) {
            return true;
        }
        StringBuilder name = new StringBuilder();
        Matcher column = COLUMN.matcher(columns.group(1));
        while (column.find()) {
            String quoted = column.group(1);
            name.append('_').append(quoted == null ? column.group(2) : quoted.replace("\"\"", "\""));
        }
        // PostgreSQL cuts long names, and numbers those that are taken
        String expected = name + "_idx";
        return rest.equals(expected) || expected.length() > MOST_CHARACTERS;
    }
}

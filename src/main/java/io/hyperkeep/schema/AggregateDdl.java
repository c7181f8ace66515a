package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.PendingRanges;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.TimeRange;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Statements that make a continuous aggregate as it was, over tables that are still empty, so that the materialized rows
 * can be copied in afterwards and stay.
 *
 * <p>A new aggregate counts all of time as not materialized: its next refresh would delete whatever rows it was given
 * and compute them from raw rows that may be gone. So it is refreshed while nothing is there, but for the ranges that
 * the source had still to do. Its watermark, which a refresh moves to the end of the last bucket that it finds after it
 * has changed a row, is moved by two rows that are gone in the end: one in the last bucket, and one before all others,
 * which a refresh deletes (TimescaleDB 2.19 to 2.30, tsl/src/continuous_aggs/materialize.c).
 *
 * @param aggregate what it is
 * @param owner its view's owner
 * @param buckets the dimension of its materialization hypertable
 * @param indexes its indexes, as statements that create them
 * @param pending what is to stay not materialized, in order and apart from each other
 */
public record AggregateDdl(
        ContinuousAggregate aggregate,
        String owner,
        Dimension buckets,
        List<NamedDefinition> indexes,
        List<TimeRange> pending) {
    /** How the server writes a call of a window function; found in a literal, it does no harm. */
    private static final Pattern WINDOW = Pattern.compile("\\bOVER\\b");

    private static final long DAY = 86_400_000_000L;

    /** The first moment that no timestamp has, in microseconds since 1970 (TimescaleDB, src/time_utils.h). */
    private static final long END_OF_TIME = 9_223_371_331_200_000_000L;

    /** In buckets: the last one, one before it, and what their borders may cut off. */
    private static final long ROOM = 5;

    public AggregateDdl {
        indexes = List.copyOf(indexes);
        pending = List.copyOf(pending);
    }

    /**
     * Of the manifest's records.
     *
     * @param table the table of the same name
     * @param source the chunks of what it aggregates, each by its range on the primary dimension
     */
    public static AggregateDdl of(ContinuousAggregate aggregate, TableEntry table, List<Slice> source) {
        return new AggregateDdl(
                aggregate,
                table.owner(),
                Objects.requireNonNull(table.hypertable()).dimensions().get(0),
                table.indexes(),
                PendingRanges.within(aggregate.pending(), source));
    }

    /**
     * A statement.
     *
     * @param sql without a semicolon; a CALL must not be in a transaction
     * @param mayBeTooSmall whether it may fail with "refresh window too small", which means that there was nothing to do
     */
    public record Statement(String sql, boolean mayBeTooSmall) {
        Statement(String sql) {
            this(sql, false);
        }

        /** Whether this failure of the statement is none. */
        public boolean isNothingToDo(SQLException e) {
            // TimescaleDB has no code of its own for it: invalid_parameter_value
            return mayBeTooSmall
                    && "22023".equals(e.getSQLState())
                    && String.valueOf(e.getMessage()).contains("refresh window too small");
        }
    }

    /** Creates it without rows, with the indexes that it had and no others. */
    public List<String> create(String timescaleSchema) {
        List<String> statements = new ArrayList<>();
        if (WINDOW.matcher(aggregate.definition()).find()) {
            // off by default; a version that does not know it takes no window functions
            statements.add("SET timescaledb.enable_cagg_window_functions = on");
        }
        statements.addAll(List.of(
                "CREATE MATERIALIZED VIEW " + view() + " WITH (timescaledb.continuous, timescaledb.materialized_only = "
                        + aggregate.materializedOnly() + ", timescaledb.create_group_indexes = false) AS\n"
                        + aggregate.definition() + "\nWITH NO DATA",
                "SELECT " + Identifiers.quote(timescaleSchema) + ".set_chunk_time_interval(" + materialization()
                        + "::pg_catalog.regclass, " + buckets.interval() + "::bigint)",
                inBlock(
                        "EXECUTE (SELECT coalesce('DROP INDEX ' || string_agg(indexrelid::pg_catalog.regclass::text, ', '),"
                                + " 'SELECT') FROM pg_catalog.pg_index WHERE indrelid = " + materialization()
                                + "::pg_catalog.regclass);")));
        for (NamedDefinition index : indexes) {
            statements.add(index.definition());
            if (index.name().startsWith(NamedDefinition.MATERIALIZATION)) {
                statements.add(renameNewest(index.name().substring(NamedDefinition.MATERIALIZATION.length())));
            }
        }
        return statements;
    }

    /** Gives the index that was created last the name of the materialization hypertable with this behind it. */
    private String renameNewest(String rest) {
        return inBlock(
                "EXECUTE (SELECT pg_catalog.format('ALTER INDEX %s RENAME TO %I', i.indexrelid::pg_catalog.regclass,"
                        + " c.relname || " + Identifiers.literal(rest)
                        + ") FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c"
                        + " ON c.oid = i.indrelid WHERE i.indrelid = " + materialization()
                        + "::pg_catalog.regclass ORDER BY i.indexrelid DESC LIMIT 1);");
    }

    /** Marks as materialized what was, and gives it to its owner. What it reads must be empty; may be repeated then. */
    public List<Statement> settle(String timescaleSchema) {
        List<Statement> statements = new ArrayList<>();
        Long watermark = aggregate.watermark();
        if (watermark != null) {
            String refresh = "CALL " + Identifiers.quote(timescaleSchema) + ".refresh_continuous_aggregate("
                    + Identifiers.literal(view()) + "::pg_catalog.regclass, ";
            Statement dropChunks = new Statement(dropChunks(timescaleSchema));
            if (hasRoom(watermark)) {
                String last = lastBucket(watermark);
                String end = pending.isEmpty()
                        ? last
                        : "least(" + last + ", " + time(pending.get(0).first()) + ")";
                // what an attempt that died left behind
                statements.add(dropChunks);
                statements.add(new Statement(insert(last, before(end, 2))));
                statements.add(new Statement(refresh + beginning(watermark) + ", " + end + ")"));
            }
            refreshGaps(watermark, refresh, statements);
            statements.add(dropChunks);
            if (leavesBeginning(watermark)) {
                statements.add(new Statement(forgetBeginning()));
            }
            if (!hasRoom(watermark)) {
                statements.add(new Statement(setWatermark(watermark)));
            }
        }
        statements.add(new Statement("ALTER MATERIALIZED VIEW " + view() + " OWNER TO " + Identifiers.quote(owner)));
        return statements;
    }

    /** Refreshes everything below the watermark but the pending ranges. */
    private void refreshGaps(long watermark, String refresh, List<Statement> statements) {
        String from = beginning(watermark);
        boolean first = true;
        for (TimeRange range : pending) {
            statements.add(gap(refresh, from, range.first(), first));
            if (range.last() >= watermark - 1) {
                return;
            }
            from = timeAfter(range.last());
            first = false;
        }
        statements.add(gap(refresh, from, end(watermark), first));
    }

    /** Not the end of time itself, which is as no end: a refresh without one does nothing where there is no row yet. */
    private long end(long watermark) {
        if (!ofIntegers()) {
            return Math.min(watermark, END_OF_TIME - DAY);
        }
        return isLast(watermark) ? watermark - Long.parseLong(aggregate.bucketWidth()) : watermark;
    }

    /**
     * Where all of time begins. Not with NULL for bigint: that leaves less than one bucket pending, below the first whole
     * one, and every later refresh without a beginning fails with "timestamp out of range" (seen on 2.29.2). So the
     * first whole one stays pending too, which the next such refresh finds empty.
     */
    private String beginning(long watermark) {
        return leavesBeginning(watermark)
                ? typed(new BigInteger(aggregate.bucketWidth())
                        .add(BigInteger.valueOf(Long.MIN_VALUE + 1))
                        .toString())
                : "NULL";
    }

    private boolean leavesBeginning(long watermark) {
        return buckets.columnType().equals("bigint") && hasRoomBelow(watermark);
    }

    /** What stays pending of that, as only a superuser may; for others the next refresh finds it empty. */
    private String forgetBeginning() {
        return inBlock("IF pg_catalog.current_setting('is_superuser')::boolean THEN DELETE FROM"
                + " _timescaledb_catalog.continuous_aggs_materialization_invalidation_log l"
                + " USING _timescaledb_catalog.continuous_agg a WHERE a.mat_hypertable_id = l.materialization_id"
                + " AND a.user_view_schema = "
                + Identifiers.literal(aggregate.name().schema())
                + " AND a.user_view_name = "
                + Identifiers.literal(aggregate.name().name())
                + " AND l.lowest_modified_value = (-9223372036854775808)"
                + " AND l.greatest_modified_value < (-9223372036854775808) + 2 * " + aggregate.bucketWidth()
                + "; END IF;");
    }

    private Statement gap(String refresh, String from, long end, boolean first) {
        // between two ranges there may be no whole bucket
        return new Statement(refresh + from + ", " + time(end) + ")", !first);
    }

    private String view() {
        return Identifiers.quote(aggregate.name());
    }

    private String materialization() {
        return "(" + materialization(aggregate.name()) + ")";
    }

    /** A query of the relation that holds an aggregate's rows, quoted as SQL needs it, for whatever database. */
    public static String materialization(TableName aggregate) {
        return "SELECT pg_catalog.format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)"
                + " AS materialization FROM timescaledb_information.continuous_aggregates WHERE view_schema = "
                + Identifiers.literal(aggregate.schema()) + " AND view_name = " + Identifiers.literal(aggregate.name());
    }

    private String insert(String first, String second) {
        String rows = " (" + Identifiers.quote(buckets.column()) + ") VALUES (" + first + "), (" + second + ")";
        return inBlock("EXECUTE 'INSERT INTO ' || " + materialization() + " || " + Identifiers.literal(rows) + ";");
    }

    private String dropChunks(String timescaleSchema) {
        return inBlock("EXECUTE (SELECT coalesce('DROP TABLE ' || string_agg(chunk::text, ', '), 'SELECT') FROM "
                + Identifiers.quote(timescaleSchema) + ".show_chunks(" + Identifiers.literal(view())
                + "::pg_catalog.regclass) AS chunk);");
    }

    private static String inBlock(String statement) {
        return "DO " + Identifiers.literal("BEGIN " + statement + " END");
    }

    /** As only a superuser may. */
    private String setWatermark(long watermark) {
        return "UPDATE _timescaledb_catalog.continuous_aggs_watermark w SET watermark = " + watermark
                + " FROM _timescaledb_catalog.continuous_agg a WHERE a.mat_hypertable_id = w.mat_hypertable_id"
                + " AND a.user_view_schema = "
                + Identifiers.literal(aggregate.name().schema())
                + " AND a.user_view_name = "
                + Identifiers.literal(aggregate.name().name());
    }

    /** Whether two rows that are gone in the end can move the watermark. */
    private boolean hasRoom(long watermark) {
        return !isLast(watermark) && hasRoomBelow(watermark);
    }

    /** Whether all of time is materialized: there is a row in the last bucket that its type has. */
    private boolean isLast(long watermark) {
        return watermark
                >= switch (buckets.columnType()) {
                    case "smallint" -> Short.MAX_VALUE;
                    case "integer" -> Integer.MAX_VALUE;
                    case "bigint" -> Long.MAX_VALUE;
                    default -> END_OF_TIME;
                };
    }

    /** Whether there is room for a bucket before the first one: integers may begin with the smallest that there is. */
    private boolean hasRoomBelow(long watermark) {
        if (!ofIntegers()) {
            return true;
        }
        BigInteger smallest = BigInteger.valueOf(
                switch (buckets.columnType()) {
                    case "smallint" -> Short.MIN_VALUE;
                    case "integer" -> Integer.MIN_VALUE;
                    default -> Long.MIN_VALUE;
                });
        long first = pending.isEmpty()
                ? watermark
                : Math.min(watermark, pending.get(0).first());
        return BigInteger.valueOf(first)
                        .subtract(new BigInteger(aggregate.bucketWidth()).multiply(BigInteger.valueOf(ROOM)))
                        .compareTo(smallest)
                > 0;
    }

    private boolean ofIntegers() {
        return switch (buckets.columnType()) {
            case "bigint", "integer", "smallint" -> true;
            default -> false;
        };
    }

    /** A value in the last bucket before the watermark; where all are equally wide, its start. */
    private String lastBucket(long watermark) {
        if (aggregate.fixedWidth()) {
            return before(time(watermark), 1);
        }
        return typed(
                time(watermark) + " - " + (buckets.columnType().equals("date") ? "1" : "interval '1 microsecond'"));
    }

    /** That many bucket's widths before. */
    private String before(String time, int widths) {
        String width = ofIntegers()
                ? aggregate.bucketWidth()
                : Identifiers.literal(aggregate.bucketWidth()) + "::pg_catalog.interval";
        return typed(time + " - " + widths + " * " + width);
    }

    private String typed(String expression) {
        return "(" + expression + ")::" + buckets.columnType();
    }

    /** A value of the buckets' type, from TimescaleDB's internal unit; of a date, the day that it is in. */
    private String time(long internal) {
        return switch (buckets.columnType()) {
            case "timestamp with time zone" -> "_timescaledb_functions.to_timestamp(" + internal + ")";
            case "timestamp without time zone" ->
                "_timescaledb_functions.to_timestamp_without_timezone(" + internal + ")";
            case "date" -> "_timescaledb_functions.to_date(" + Math.floorDiv(internal, DAY) * DAY + ")";
            default -> typed(Long.toString(internal));
        };
    }

    /** The first value that is later. */
    private String timeAfter(long internal) {
        return time(buckets.columnType().equals("date") ? (Math.floorDiv(internal, DAY) + 1) * DAY : internal + 1);
    }
}

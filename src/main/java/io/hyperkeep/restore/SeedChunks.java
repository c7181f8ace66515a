package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Creates chunks with nothing but public means: a temporary trigger discards every row that is inserted, and
 * TimescaleDB creates a row's chunk before triggers see it. For one thread.
 *
 * <p>The chunk of a row is as wide as the hypertable's interval is at that moment, so intervals are set to the source
 * chunk's own width before, and to the hypertable's own in the end.
 */
final class SeedChunks {
    private static final String TRIGGER = "hyperkeep_discard_row";
    // six locks for each new chunk, two for each dropped trigger, out of a lock table that holds 6,400 by default
    private static final int BATCH = 50;
    // a login costs as much as a few chunks
    private static final int SESSION = 200;

    private final Sessions sessions;
    private final String timescale;
    private final TableEntry table;
    private final String relation;
    private final Long[] intervals;
    private final HashValues hashValues = new HashValues();
    /** Chunks that the open session created. */
    private int inserted;

    /** Where to run statements. */
    interface Sessions {
        /** The session that is open. */
        Connection current();

        /** Ends that session and opens another one. */
        Connection fresh() throws InterruptedException, SQLException;
    }

    /** @param timescale schema of TimescaleDB's own functions */
    SeedChunks(Sessions sessions, String timescale, TableEntry table) {
        this.sessions = sessions;
        this.timescale = Identifiers.quote(timescale);
        this.table = table;
        this.relation = Identifiers.quote(table.name());
        this.intervals = new Long[dimensions().size()];
    }

    /** Creates what all hypertables share; {@link Ledger#remove} drops it. */
    static void createFunction(Connection connection) throws SQLException {
        String schema = Identifiers.quote(Ledger.nameIn(connection));
        Query.execute(
                connection,
                // TimescaleDB gives a chunk its triggers as the hypertable's owner, who has to see the function
                "GRANT USAGE ON SCHEMA " + schema + " TO PUBLIC",
                "CREATE OR REPLACE FUNCTION " + Ledger.discard(schema)
                        + " RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
    }

    /** Creates those that it has a row for; whatever happened before, there is no trigger afterwards. */
    void create(List<ChunkEntry> chunks) throws InterruptedException, SQLException {
        dropTriggers();
        if (!chunks.isEmpty()) {
            Query.execute(
                    sessions.current(),
                    "CREATE TRIGGER " + TRIGGER + " BEFORE INSERT ON " + relation + " FOR EACH ROW EXECUTE FUNCTION "
                            + Ledger.discard(Identifiers.quote(Ledger.nameIn(sessions.current()))));
            List<String> rows = new ArrayList<>();
            for (ChunkEntry chunk : chunks) {
                String row = row(chunk);
                if (row == null) {
                    continue;
                }
                List<String> widths = widths(chunk);
                if (!widths.isEmpty() || rows.size() == BATCH) {
                    insert(rows);
                    CreateChunks.inTransaction(sessions.current(), widths);
                    rows.clear();
                }
                rows.add(row);
            }
            insert(rows);
        }
        // also when nothing is missing: a crash may have left the interval of an old chunk
        for (int i = 0; i < intervals.length; i++) {
            Dimension dimension = dimensions().get(i);
            if (dimension.interval() != null) {
                setInterval(dimension, dimension.interval());
            }
        }
        dropTriggers();
    }

    private List<Dimension> dimensions() {
        return Objects.requireNonNull(table.hypertable()).dimensions();
    }

    /** The values of a row that belongs to this chunk, or null when none is known. */
    private @Nullable String row(ChunkEntry chunk) throws SQLException {
        if (!chunk.seed().isEmpty()) {
            return chunk.seed().stream().map(Identifiers::literal).collect(Collectors.joining(", "));
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < intervals.length; i++) {
            String value = value(dimensions().get(i), chunk.slices().get(i));
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return String.join(", ", values);
    }

    private @Nullable String value(Dimension dimension, Slice slice) throws SQLException {
        if (dimension.kind() == Dimension.Kind.HASH) {
            String value = hashValues.in(sessions.current(), dimension, slice);
            return value == null ? null : Identifiers.literal(value);
        }
        if (dimension.partitioningFunction() != null) {
            return null;
        }
        long value = slice.start() == Long.MIN_VALUE ? slice.end() - 1 : slice.start();
        return switch (dimension.columnType().replaceAll("\\(\\d+\\)", "")) {
            case "timestamp with time zone" -> "_timescaledb_functions.to_timestamp(" + value + ")";
            case "timestamp without time zone" -> "_timescaledb_functions.to_timestamp_without_timezone(" + value + ")";
            case "date" -> "_timescaledb_functions.to_date(" + value + ")";
            case "bigint", "integer", "smallint" -> Identifiers.literal(Long.toString(value));
            default -> null;
        };
    }

    /** What has to be set for this chunk to come out with the source's bounds. */
    private List<String> widths(ChunkEntry chunk) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < intervals.length; i++) {
            Dimension dimension = dimensions().get(i);
            Slice slice = chunk.slices().get(i);
            if (dimension.interval() == null || slice.start() == Long.MIN_VALUE || slice.end() == Long.MAX_VALUE) {
                continue;
            }
            long width = slice.end() - slice.start();
            // a chunk that does not begin at a multiple of its width was cut by its neighbours, and will be again
            boolean whole = width > 0 && Math.floorMod(slice.start(), width) == 0;
            if (whole && !Long.valueOf(width).equals(intervals[i])) {
                intervals[i] = width;
                statements.add(intervalSql(dimension, width));
            }
        }
        return statements;
    }

    private void setInterval(Dimension dimension, long interval) throws SQLException {
        Query.execute(sessions.current(), intervalSql(dimension, interval));
    }

    private String intervalSql(Dimension dimension, long interval) {
        return "SELECT FROM " + timescale + ".set_chunk_time_interval(" + Identifiers.literal(relation) + "::regclass, "
                + interval + "::bigint, " + Identifiers.literal(dimension.column()) + ")";
    }

    private void insert(List<String> rows) throws InterruptedException, SQLException {
        if (rows.isEmpty()) {
            return;
        }
        // NULL for the others: no default is computed, no sequence moves; constraints are checked after triggers
        List<String> others = table.exportedColumns().stream()
                .map(Column::name)
                .filter(name -> dimensions().stream()
                        .noneMatch(dimension -> dimension.column().equals(name)))
                .toList();
        String columns = java.util.stream.Stream.concat(dimensions().stream().map(Dimension::column), others.stream())
                .map(Identifiers::quote)
                .collect(Collectors.joining(", "));
        String nulls = ", NULL".repeat(others.size());
        // a session compiles the trigger's function anew for each chunk and keeps that; with 5,000 of them, it is busy
        // with nothing but looking through its caches at each invalidation (perf: half of the time at 3,800)
        Query.execute(
                inserted + rows.size() > SESSION ? sessions.fresh() : sessions.current(),
                rows.stream()
                        .map(row -> "(" + row + nulls + ")")
                        .collect(Collectors.joining(
                                ", ",
                                "INSERT INTO " + relation + " (" + columns + ") OVERRIDING SYSTEM VALUE VALUES ",
                                "")));
        inserted = inserted + rows.size() > SESSION ? rows.size() : inserted + rows.size();
    }

    /** First from the chunks, batch by batch: dropping it from the hypertable would lock all of them at once. */
    private void dropTriggers() throws SQLException {
        List<TableName> chunks =
                Query.list(sessions.current(), """
                SELECT n.nspname, c.relname
                  FROM pg_catalog.pg_trigger t
                  JOIN pg_catalog.pg_inherits i ON i.inhrelid = t.tgrelid AND i.inhparent = ?::regclass
                  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE t.tgname = 'hyperkeep_discard_row'
                """, row -> new TableName(row.getString(1), row.getString(2)), relation);
        for (int from = 0; from < chunks.size(); from += BATCH) {
            CreateChunks.inTransaction(
                    sessions.current(),
                    chunks.subList(from, Math.min(from + BATCH, chunks.size())).stream()
                            .map(chunk -> "DROP TRIGGER " + TRIGGER + " ON " + Identifiers.quote(chunk))
                            .toList());
        }
        Query.execute(sessions.current(), "DROP TRIGGER IF EXISTS " + TRIGGER + " ON " + relation);
    }
}

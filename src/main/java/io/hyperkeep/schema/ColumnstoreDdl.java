package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Columnstore.OrderBy;
import io.hyperkeep.manifest.Columnstore.SparseIndex;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Statements that set how a hypertable's chunks are compressed, without semicolons. Thread-safe: it has no state.
 *
 * <p>The options have the names that TimescaleDB 2.18 to 2.31 take. Directions are written out, so that they do not depend
 * on a default.
 */
public final class ColumnstoreDdl {
    private static final String SEGMENT_BY = "timescaledb.compress_segmentby";
    private static final String ORDER_BY = "timescaledb.compress_orderby";
    private static final String SPARSE_INDEX = "timescaledb.sparse_index";
    private static final String CHUNK_INTERVAL = "timescaledb.compress_chunk_time_interval";

    private ColumnstoreDdl() {}

    /**
     * Gives a hypertable other settings.
     *
     * @param before what it is set to, or null when its columnstore is not enabled
     * @param settings what is null here is left to TimescaleDB; where it was not, that takes 2.22 or later
     * @return none when nothing changes
     */
    public static List<String> change(TableName table, @Nullable Columnstore before, Columnstore settings) {
        if (settings.equals(before)) {
            return List.of();
        }
        List<String> statements = new ArrayList<>();
        List<String> options = new ArrayList<>();
        if (before == null) {
            options.add("timescaledb.compress");
        } else if (before.segmentBy() != null && settings.segmentBy() == null
                || before.orderBy() != null && settings.orderBy() == null
                || before.sparseIndexes() != null && settings.sparseIndexes() == null) {
            statements.add(alter(table, "RESET", List.of(SEGMENT_BY, ORDER_BY, SPARSE_INDEX)));
        }
        options.addAll(options(settings));
        if (!options.isEmpty()) {
            statements.add(alter(table, "SET", options));
        }
        return statements;
    }

    /**
     * Has rows compressed as they are inserted. TimescaleDB adds policies with it, or changes those that are there; the
     * hypertable's own are created afterwards.
     *
     * @param timescaleSchema schema of TimescaleDB's functions
     */
    public static List<String> directCompress(TableName table, String timescaleSchema) {
        String schema = Identifiers.quote(timescaleSchema);
        String relation = Identifiers.literal(Identifiers.quote(table)) + "::pg_catalog.regclass";
        return List.of(
                alter(table, "SET", List.of("timescaledb.direct_compress = true")),
                "SELECT " + schema + ".remove_compaction_policy(" + relation + ", if_exists => true)",
                "SELECT " + schema + ".remove_compression_policy(" + relation + ", if_exists => true)");
    }

    /** Lets a session compute ranges for chunk skipping when it compresses a chunk. */
    public static String computeSkippedRanges() {
        return "SET timescaledb.enable_chunk_skipping = on";
    }

    private static List<String> options(Columnstore settings) {
        List<String> options = new ArrayList<>();
        if (settings.segmentBy() != null) {
            options.add(SEGMENT_BY + " = " + Identifiers.literal(columns(settings.segmentBy())));
        }
        if (settings.orderBy() != null) {
            options.add(ORDER_BY + " = "
                    + Identifiers.literal(settings.orderBy().stream()
                            .map(ColumnstoreDdl::order)
                            .collect(Collectors.joining(", "))));
        }
        if (settings.sparseIndexes() != null) {
            options.add(SPARSE_INDEX + " = "
                    + Identifiers.literal(settings.sparseIndexes().stream()
                            .map(ColumnstoreDdl::index)
                            .collect(Collectors.joining(", "))));
        }
        if (settings.chunkInterval() != null) {
            options.add(CHUNK_INTERVAL + " = " + Identifiers.literal(settings.chunkInterval() + " microseconds"));
        }
        return options;
    }

    private static String alter(TableName table, String what, List<String> options) {
        return "ALTER TABLE " + Identifiers.quote(table) + " " + what + " (" + String.join(", ", options) + ")";
    }

    private static String columns(List<String> columns) {
        return columns.stream().map(Identifiers::quote).collect(Collectors.joining(", "));
    }

    private static String order(OrderBy order) {
        return Identifiers.quote(order.column())
                + (order.descending() ? " DESC" : " ASC")
                + (order.nullsFirst() ? " NULLS FIRST" : " NULLS LAST");
    }

    private static String index(SparseIndex index) {
        return index.type() + "(" + columns(index.columns()) + ")";
    }
}

package io.hyperkeep.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How TimescaleDB compresses rows: what a hypertable is set to, or what one chunk was compressed with.
 *
 * @param segmentBy columns whose values rows are grouped by; empty when they are not grouped; null when TimescaleDB is to
 *     choose
 * @param orderBy the order of the rows of a group; null when TimescaleDB is to choose
 * @param sparseIndexes beside those of the order's columns; empty when there are to be none; null when TimescaleDB is to
 *     choose, or does not know any
 * @param chunkInterval the width up to which chunks are merged when they are compressed, in the unit of the primary
 *     dimension's interval; null when they are not merged, and in a chunk's own settings
 */
public record Columnstore(
        @Nullable List<String> segmentBy,
        @Nullable List<OrderBy> orderBy,
        @Nullable List<SparseIndex> sparseIndexes,
        @Nullable Long chunkInterval) {
    public Columnstore {
        segmentBy = segmentBy == null ? null : List.copyOf(segmentBy);
        orderBy = orderBy == null ? null : List.copyOf(orderBy);
        sparseIndexes = sparseIndexes == null ? null : List.copyOf(sparseIndexes);
    }

    /** Everything left to TimescaleDB. */
    public static final Columnstore AUTOMATIC = new Columnstore(null, null, null, null);

    /** One column of the order. */
    public record OrderBy(String column, boolean descending, boolean nullsFirst) {
        /** For people; not SQL, as it quotes nothing. */
        @Override
        public String toString() {
            return column + (descending ? " DESC" : " ASC") + (nullsFirst ? " NULLS FIRST" : " NULLS LAST");
        }
    }

    /**
     * A small index over compressed rows.
     *
     * @param type TimescaleDB's word, e.g. {@code bloom}, {@code minmax}
     * @param columns at least one
     */
    public record SparseIndex(String type, List<String> columns) {
        public SparseIndex {
            columns = List.copyOf(columns);
        }

        /** For people; not SQL, as it quotes nothing. */
        @Override
        public String toString() {
            return type + "(" + String.join(", ", columns) + ")";
        }
    }

    /** The same, for chunks that are compressed one by one. */
    public Columnstore withoutChunkInterval() {
        return new Columnstore(segmentBy, orderBy, sparseIndexes, null);
    }
}

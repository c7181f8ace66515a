package io.hyperkeep.plan;

import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.TableName;
import java.util.List;

/**
 * The smallest piece of data that is exported and restored on its own: one file.
 *
 * @param id unique within the run and sortable: units are started in the order of their ids
 * @param table whose rows these are: the hypertable's root, not the chunk
 * @param columns what its file carries
 * @param dimensionColumns indexes into {@code columns} of a hypertable's dimensions, in their order; empty otherwise
 * @param parts what to read, in this order
 * @param bytes size on disk, for ordering and for progress
 */
public record Unit(
        String id,
        TableName table,
        List<Column> columns,
        List<Integer> dimensionColumns,
        List<Part> parts,
        long bytes) {
    public Unit {
        columns = List.copyOf(columns);
        dimensionColumns = List.copyOf(dimensionColumns);
        parts = List.copyOf(parts);
    }

    /** What its file's name begins with, for people: the relation, and how many more or which blocks. */
    public String label() {
        Part first = parts.get(0);
        if (first.isSlice()) {
            return "%s-%09d".formatted(first.relation().name(), first.firstBlock());
        }
        return parts.size() == 1 ? first.relation().name() : first.relation().name() + "+" + (parts.size() - 1);
    }
}

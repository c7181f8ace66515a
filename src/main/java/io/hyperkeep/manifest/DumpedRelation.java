package io.hyperkeep.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A relation whose rows are in a whole database's archive: a table, a chunk, or what holds a chunk's compressed rows.
 *
 * @param relation its name
 * @param file path below the backup's folder, with {@code /}: its rows as COPY's text format has them, or the whole archive
 * @param entry number of its rows' entry in the archive; null where the file holds nothing else
 * @param columns that the rows have, in their order
 */
public record DumpedRelation(
        TableName relation, String file, @Nullable Long entry, List<String> columns) {
    public DumpedRelation {
        columns = List.copyOf(columns);
    }
}

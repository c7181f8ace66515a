package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes a table a hypertable.
 *
 * @param dimensions at least one; the first is the primary, a range
 * @param chunkSchema where its chunks live ({@code associated_schema_name})
 * @param chunkPrefix how their names begin ({@code associated_table_prefix}); TimescaleDB's default holds the
 *     hypertable's id, so it differs between databases
 * @param chunks in the order in which they were created
 * @param columnstore how its chunks are compressed, or null when its columnstore is not enabled
 * @param tablespaces that new chunks are spread over, in the order in which they were attached
 * @param chunkSkipping columns whose range is kept for each compressed chunk, in the order of their names
 * @param directCompress whether TimescaleDB compresses rows as they are inserted
 * @param chunkProperties in what chunks are not as the hypertable; null in a manifest that does not say
 */
public record Hypertable(
        List<Dimension> dimensions,
        String chunkSchema,
        String chunkPrefix,
        List<ChunkEntry> chunks,
        @Nullable Columnstore columnstore,
        List<String> tablespaces,
        List<String> chunkSkipping,
        Boolean directCompress,
        @Nullable List<ChunkProperty> chunkProperties) {
    /**
     * @param tablespaces null, like {@code chunkSkipping} and {@code directCompress}, in a manifest that does not say: none
     */
    public Hypertable(
            List<Dimension> dimensions,
            String chunkSchema,
            String chunkPrefix,
            List<ChunkEntry> chunks,
            @Nullable Columnstore columnstore,
            @Nullable List<String> tablespaces,
            @Nullable List<String> chunkSkipping,
            @Nullable Boolean directCompress,
            @Nullable List<ChunkProperty> chunkProperties) {
        this.dimensions = List.copyOf(dimensions);
        this.chunkSchema = chunkSchema;
        this.chunkPrefix = chunkPrefix;
        this.chunks = List.copyOf(chunks);
        this.columnstore = columnstore;
        this.tablespaces = tablespaces == null ? List.of() : List.copyOf(tablespaces);
        this.chunkSkipping = chunkSkipping == null ? List.of() : List.copyOf(chunkSkipping);
        this.directCompress = Boolean.TRUE.equals(directCompress);
        this.chunkProperties = chunkProperties == null ? null : List.copyOf(chunkProperties);
    }

    /** One whose chunks are all as itself. */
    public Hypertable(
            List<Dimension> dimensions,
            String chunkSchema,
            String chunkPrefix,
            List<ChunkEntry> chunks,
            @Nullable Columnstore columnstore,
            List<String> tablespaces,
            List<String> chunkSkipping) {
        this(dimensions, chunkSchema, chunkPrefix, chunks, columnstore, tablespaces, chunkSkipping, false, List.of());
    }

    /** The same, with no tablespaces attached. */
    public Hypertable withoutTablespaces() {
        return new Hypertable(dimensions, chunkSchema, chunkPrefix, chunks, columnstore, List.of(), chunkSkipping);
    }

    /** The same settings with other dimensions. */
    public Hypertable withDimensions(List<Dimension> others) {
        return new Hypertable(
                others,
                chunkSchema,
                chunkPrefix,
                chunks,
                columnstore,
                tablespaces,
                chunkSkipping,
                directCompress,
                chunkProperties);
    }

    /** The same settings with other chunks. */
    public Hypertable withChunks(List<ChunkEntry> others) {
        return new Hypertable(
                dimensions,
                chunkSchema,
                chunkPrefix,
                others,
                columnstore,
                tablespaces,
                chunkSkipping,
                directCompress,
                chunkProperties);
    }

    /** The same with this said of its chunks. */
    public Hypertable withChunkProperties(@Nullable List<ChunkProperty> others) {
        return new Hypertable(
                dimensions,
                chunkSchema,
                chunkPrefix,
                chunks,
                columnstore,
                tablespaces,
                chunkSkipping,
                directCompress,
                others);
    }

    /** How many chunks have compressed rows. */
    @JsonIgnore
    public int compressedChunks() {
        return (int) chunks.stream().filter(ChunkEntry::isCompressed).count();
    }
}

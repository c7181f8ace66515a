package io.hyperkeep.export;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.schema.AggregateDdl;
import io.hyperkeep.schema.ColumnstoreDdl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that makes hypertables that were restored by hand store their chunks as they did, in the order of {@code
 * restore.CompressChunks}. Pure functions.
 *
 * <p>A restore by hand makes chunks as their rows come, so a chunk is named by a row that it had, not by its bounds: of
 * the several chunks that one of greater width becomes, only the one with that row is compressed.
 */
final class ColumnstoreScript {
    private final String timescaleSchema;
    private final String function;
    private final StringBuilder sql = new StringBuilder();

    private ColumnstoreScript(String timescaleSchema) {
        this.timescaleSchema = timescaleSchema;
        this.function = "SELECT " + Identifiers.quote(timescaleSchema) + ".";
    }

    /**
     * Writes it.
     *
     * @param timescaleSchema schema of TimescaleDB's functions
     * @return empty when no table needs it
     */
    static String of(List<TableEntry> tables, String timescaleSchema) {
        ColumnstoreScript script = new ColumnstoreScript(timescaleSchema);
        List<TableName> compressed = tables.stream()
                .filter(table ->
                        table.hypertable() != null && table.hypertable().compressedChunks() > 0)
                .map(TableEntry::name)
                .toList();
        boolean referenced = !compressed.isEmpty() && tables.stream().anyMatch(ColumnstoreScript::hasForeignKey);
        if (referenced) {
            script.withoutForeignKeys(compressed);
        }
        for (TableEntry table : tables) {
            if (table.hypertable() != null) {
                script.table(table, table.hypertable());
            }
        }
        if (referenced) {
            script.foreignKeysAgain();
        }
        return script.sql.toString();
    }

    private static boolean hasForeignKey(TableEntry table) {
        return table.constraints().stream()
                .anyMatch(constraint -> constraint.definition().startsWith("FOREIGN KEY"));
    }

    /** A chunk that is referenced can not be compressed, but one that is compressed can be referenced. */
    private void withoutForeignKeys(List<TableName> referenced) {
        statement("CREATE TEMPORARY TABLE foreign_keys AS SELECT conrelid::pg_catalog.regclass AS referencing, conname,"
                + " pg_catalog.pg_get_constraintdef(oid) AS definition, pg_catalog.obj_description(oid, 'pg_constraint')"
                + " AS comment FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid IN ("
                + referenced.stream()
                        .map(table -> Identifiers.literal(Identifiers.quote(table)) + "::pg_catalog.regclass")
                        .collect(Collectors.joining(", "))
                + ")");
        sql.append("SELECT pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', referencing, conname)"
                + " FROM pg_temp.foreign_keys \\gexec\n");
    }

    private void foreignKeysAgain() {
        sql.append("SELECT pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', referencing, conname, definition)"
                + " FROM pg_temp.foreign_keys \\gexec\n");
        sql.append("SELECT pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', conname, referencing, comment)"
                + " FROM pg_temp.foreign_keys WHERE comment IS NOT NULL \\gexec\n");
    }

    private void table(TableEntry table, Hypertable hypertable) {
        int before = sql.length();
        hypertable(table.name(), hypertable);
        if (table.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE && sql.length() > before) {
            // its hypertable has another name in every database: psql is told which
            String statements = sql.substring(before).replace(Identifiers.quote(table.name()), ":materialization");
            sql.setLength(before);
            sql.append(AggregateDdl.materialization(table.name()))
                    .append(" \\gset\n")
                    .append(statements);
        }
    }

    private void hypertable(TableName table, Hypertable hypertable) {
        Columnstore whole = hypertable.columnstore();
        if (whole != null) {
            columnstore(table, hypertable, whole);
        }
        for (ChunkEntry chunk : hypertable.chunks()) {
            if (chunk.isFrozen()) {
                onChunk("SELECT _timescaledb_functions.freeze_chunk(", ")", table, hypertable, chunk);
            }
        }
    }

    private void columnstore(TableName table, Hypertable hypertable, Columnstore whole) {
        Columnstore own = whole.withoutChunkInterval();
        Map<Columnstore, List<ChunkEntry>> groups = new LinkedHashMap<>();
        groups.put(own, new ArrayList<>());
        for (ChunkEntry chunk : hypertable.chunks()) {
            if (chunk.isCompressed()) {
                Columnstore settings = Objects.requireNonNull(chunk.storage()).settings();
                groups.computeIfAbsent(settings == null ? own : settings, key -> new ArrayList<>())
                        .add(chunk);
            }
        }
        if (!hypertable.chunkSkipping().isEmpty()) {
            statement(ColumnstoreDdl.computeSkippedRanges());
        }
        Columnstore before = null;
        for (Map.Entry<Columnstore, List<ChunkEntry>> group : groups.entrySet()) {
            set(table, before, group.getKey());
            before = group.getKey();
            for (ChunkEntry chunk : group.getValue()) {
                onChunk(function + "compress_chunk(", ", if_not_compressed => true)", table, hypertable, chunk);
            }
        }
        set(table, before, whole);
        if (hypertable.directCompress()) {
            ColumnstoreDdl.directCompress(table, timescaleSchema).forEach(this::statement);
        }
    }

    private void set(TableName table, @Nullable Columnstore before, Columnstore settings) {
        ColumnstoreDdl.change(table, before, settings).forEach(this::statement);
    }

    /**
     * An empty chunk has no row to find it by, and nothing to compress. The call is a statement of its own: compressing
     * builds the chunk's indexes anew, which the query that finds the chunk may use.
     *
     * @param before of the chunk in the call
     * @param after of the chunk in the call
     */
    private void onChunk(String before, String after, TableName table, Hypertable hypertable, ChunkEntry chunk) {
        if (chunk.seed().isEmpty()) {
            return;
        }
        List<String> row = new ArrayList<>();
        for (int i = 0; i < chunk.seed().size(); i++) {
            Dimension dimension = hypertable.dimensions().get(i);
            row.add(Identifiers.quote(dimension.column()) + " = "
                    + Identifiers.literal(chunk.seed().get(i)));
        }
        String call = before.replace("%", "%%") + "%L::pg_catalog.regclass" + after.replace("%", "%%");
        sql.append("SELECT pg_catalog.format(" + Identifiers.literal(call) + ", tableoid::pg_catalog.regclass) FROM "
                + Identifiers.quote(table) + " WHERE " + String.join(" AND ", row) + " LIMIT 1 \\gexec\n");
    }

    private void statement(String text) {
        sql.append(text).append(";\n");
    }
}

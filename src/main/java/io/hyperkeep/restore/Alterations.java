package io.hyperkeep.restore;

import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * In what the target is to differ from the backup; read by {@link ReadAlterations}, and a part of a run's record.
 *
 * @param content what of the selected tables is restored
 * @param renames tables that get another name
 * @param schemas schemas whose objects go into another one, by the backup's names
 * @param chunkIntervals tables, and how wide their new chunks are
 * @param partitions tables, and a column with its number of hash partitions
 * @param timeColumns tables, and the column of their first dimension
 * @param from rows of hypertables from here on, as it was given; null for the first
 * @param until rows of hypertables before this, as it was given; null for all
 */
public record Alterations(
        Content content,
        List<Rename> renames,
        Map<String, String> schemas,
        List<Assignment> chunkIntervals,
        List<Assignment> partitions,
        List<Assignment> timeColumns,
        @Nullable String from,
        @Nullable String until) {
    /** As the backup has it. */
    public static final Alterations NONE =
            new Alterations(Content.EVERYTHING, List.of(), Map.of(), List.of(), List.of(), List.of(), null, null);

    public Alterations {
        content = Objects.requireNonNullElse(content, Content.EVERYTHING);
        renames = List.copyOf(Objects.requireNonNullElse(renames, List.of()));
        schemas = Map.copyOf(Objects.requireNonNullElse(schemas, Map.of()));
        chunkIntervals = List.copyOf(Objects.requireNonNullElse(chunkIntervals, List.of()));
        partitions = List.copyOf(Objects.requireNonNullElse(partitions, List.of()));
        timeColumns = List.copyOf(Objects.requireNonNullElse(timeColumns, List.of()));
    }

    /** What of a table is restored. */
    public enum Content {
        EVERYTHING,
        /** The tables, with all that belongs to them, but no row. */
        SCHEMA_ONLY,
        /** The rows, into tables that exist and are empty. */
        DATA_ONLY
    }

    /** A table's name in the backup and in the target. */
    public record Rename(TableName from, TableName to) {
        @Override
        public String toString() {
            return from + "=" + to;
        }
    }

    /**
     * Something that is said about tables.
     *
     * @param tables a pattern as {@link io.hyperkeep.plan.TableSelection} takes it, by the backup's names
     * @param value what is said of them
     */
    public record Assignment(String tables, String value) {
        /** Whether the pattern means several tables rather than names one. */
        boolean isForMany() {
            return tables.indexOf('*') >= 0 || tables.indexOf('?') >= 0;
        }

        @Override
        public String toString() {
            return tables + "=" + value;
        }
    }

    /** Whether only some rows of hypertables are restored. */
    boolean isCut() {
        return from != null || until != null;
    }

    /** The options that say the same, in a fixed order; empty when nothing differs. */
    String text() {
        List<String> options = new ArrayList<>();
        if (content != Content.EVERYTHING) {
            options.add(content == Content.DATA_ONLY ? "--data-only" : "--schema-only");
        }
        renames.stream().map(Rename::toString).sorted().forEach(rename -> options.add("--rename " + rename));
        new TreeMap<>(schemas).forEach((old, other) -> options.add("--schema-map " + old + "=" + other));
        chunkIntervals.forEach(interval -> options.add("--chunk-interval " + interval));
        partitions.forEach(partition -> options.add("--partition " + partition));
        timeColumns.forEach(column -> options.add("--time-column " + column));
        if (from != null) {
            options.add("--from " + from);
        }
        if (until != null) {
            options.add("--until " + until);
        }
        return String.join(" ", options);
    }
}

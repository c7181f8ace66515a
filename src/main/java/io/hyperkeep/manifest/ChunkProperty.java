package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * In what some chunks of a hypertable are not as their hypertable: an index of their own, rights that only they grant, a
 * trigger that they lack.
 *
 * @param kind what it is, in lower case and PostgreSQL's words, e.g. {@code index}, {@code grants}, {@code statistics target}
 * @param name which one: a trigger, a policy or a column by its name, an index or a constraint by its definition without a
 *     name; empty where a chunk has only one
 * @param value what the chunks have instead of what their hypertable has; of an index or a constraint, its name, empty if it
 *     has none but one that PostgreSQL made of the chunk's; null: nothing, although their hypertable has it
 * @param chunks the chunks, by the names that they had in the source
 */
public record ChunkProperty(
        String kind, String name, @Nullable String value, List<TableName> chunks) {
    /** What a restore gives to chunks again. The others no statement can set, or they are not the chunk's alone. */
    private static final Set<String> CARRIED = Set.of(
            "comment",
            "grants",
            "storage parameters",
            "TOAST storage parameters",
            "persistence",
            "row security",
            "index to cluster on",
            "tablespace",
            "column comment",
            "column grants",
            "statistics target",
            "storage",
            "compression",
            "options",
            "index",
            "index comment",
            "index parameters",
            "index tablespace",
            "index statistics targets",
            "constraint",
            "constraint comment",
            "trigger",
            "trigger comment",
            "policy",
            "policy comment");

    /** What TimescaleDB computes when it compresses a chunk. */
    public static final String SKIPPED_RANGE = "chunk skipping range";

    public ChunkProperty {
        chunks = List.copyOf(chunks);
    }

    /** Whether a restore gives it to the chunks again. */
    public static boolean isCarried(String kind) {
        return CARRIED.contains(kind);
    }

    /** Whether a restore gives it to the chunks again. */
    @JsonIgnore
    public boolean isCarried() {
        return isCarried(kind);
    }

    /** The same of other chunks. */
    public ChunkProperty with(List<TableName> others) {
        return new ChunkProperty(kind, name, value, others);
    }

    /** For messages: {@code index USING btree (v)}, {@code no trigger audit}, {@code grants}. */
    public String label() {
        return (value == null ? "no " : "") + kind + (name.isEmpty() ? "" : " " + name);
    }
}

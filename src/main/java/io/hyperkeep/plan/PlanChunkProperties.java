package io.hyperkeep.plan;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.ChunkProperty;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be changed about the chunks of a restored hypertable, so that they have what they had of their own. Pure
 * functions.
 *
 * <p>Chunks are the same when their bounds are. A hypertable of which the backup does not say it is left alone.
 */
public final class PlanChunkProperties {
    private PlanChunkProperties() {}

    /**
     * Something in which a chunk is not what it was.
     *
     * @param chunk the chunk, as it is now
     * @param kind what differs, see {@link ChunkProperty}
     * @param name which one
     * @param wanted what the chunk had of its own; null: what its hypertable had
     * @param now what it has of its own; null: what its hypertable has
     */
    public record Difference(
            DiscoveredChunk chunk,
            String kind,
            String name,
            @Nullable ChunkProperty wanted,
            @Nullable ChunkProperty now) {
        /** Whether it is about where something is on disk. */
        public boolean isTablespace() {
            return PlanChunkProperties.isTablespace(kind);
        }
    }

    private record Key(String kind, String name) {
        static Key of(ChunkProperty property) {
            return new Key(property.kind(), property.name());
        }
    }

    private static boolean isTablespace(String kind) {
        return kind.equals("tablespace") || kind.equals("index tablespace");
    }

    /**
     * Finds them.
     *
     * @param table the hypertable as it was, by the names that it has now
     * @param now the hypertable as it is
     * @param tablespaces those that the server has
     * @return in the order of the chunks
     */
    public static List<Difference> differences(TableEntry table, DiscoveredTable now, Set<String> tablespaces) {
        List<ChunkProperty> wanted = properties(table);
        List<ChunkProperty> there = properties(now.structure());
        if (wanted == null || there == null) {
            return List.of();
        }
        Map<TableName, Map<Key, ChunkProperty>> had = byChunk(wanted);
        Map<TableName, Map<Key, ChunkProperty>> has = byChunk(there);
        Map<Set<Slice>, TableName> bySlices = new HashMap<>();
        Objects.requireNonNull(table.hypertable())
                .chunks()
                .forEach(chunk -> bySlices.put(Set.copyOf(chunk.slices()), chunk.chunk()));
        List<Difference> differences = new ArrayList<>();
        for (DiscoveredChunk chunk : now.chunks()) {
            TableName source = bySlices.get(Set.copyOf(chunk.slices()));
            if (source == null) {
                continue;
            }
            Map<Key, ChunkProperty> before = had.getOrDefault(source, Map.of());
            Map<Key, ChunkProperty> after = has.getOrDefault(chunk.name(), Map.of());
            Set<Key> keys = new TreeSet<>(Comparator.comparing(Key::kind).thenComparing(Key::name));
            keys.addAll(before.keySet());
            keys.addAll(after.keySet());
            for (Key key : keys) {
                ChunkProperty want = before.get(key);
                ChunkProperty is = after.get(key);
                if (!same(want, is) && !(isTablespace(key.kind()) && isMissing(want, tablespaces))) {
                    differences.add(new Difference(chunk, key.kind(), key.name(), want, is));
                }
            }
        }
        return differences;
    }

    private static @Nullable List<ChunkProperty> properties(TableEntry table) {
        Hypertable hypertable = table.hypertable();
        return hypertable == null ? null : hypertable.chunkProperties();
    }

    private static boolean same(@Nullable ChunkProperty one, @Nullable ChunkProperty other) {
        return one == null ? other == null : other != null && Objects.equals(one.value(), other.value());
    }

    private static boolean isMissing(@Nullable ChunkProperty tablespace, Set<String> there) {
        return tablespace != null && tablespace.value() != null && !there.contains(tablespace.value());
    }

    private static Map<TableName, Map<Key, ChunkProperty>> byChunk(List<ChunkProperty> properties) {
        Map<TableName, Map<Key, ChunkProperty>> byChunk = new HashMap<>();
        properties.forEach(
                property -> property.chunks().forEach(chunk -> byChunk.computeIfAbsent(chunk, name -> new HashMap<>())
                        .put(Key.of(property), property)));
        return byChunk;
    }

    /**
     * Properties of chunks that are not there: a table is divided otherwise, or a chunk without rows was not created.
     *
     * @param table the hypertable as it was
     * @param now its chunks as they are
     */
    public static List<ChunkProperty> ofOtherChunks(TableEntry table, List<DiscoveredChunk> now) {
        List<ChunkProperty> wanted = properties(table);
        if (wanted == null || wanted.isEmpty()) {
            return List.of();
        }
        Set<Set<Slice>> there =
                now.stream().map(chunk -> Set.copyOf(chunk.slices())).collect(Collectors.toSet());
        Set<TableName> gone = Objects.requireNonNull(table.hypertable()).chunks().stream()
                .filter(chunk -> !there.contains(Set.copyOf(chunk.slices())))
                .map(ChunkEntry::chunk)
                .collect(Collectors.toSet());
        return wanted.stream()
                .map(property -> property.with(
                        property.chunks().stream().filter(gone::contains).toList()))
                .filter(property -> !property.chunks().isEmpty())
                .toList();
    }

    /** For messages: {@code 3 of 120 chunks}. */
    public static String counts(TableEntry table, List<ChunkProperty> properties) {
        return chunks(properties) + " of "
                + Objects.requireNonNull(table.hypertable()).chunks().size() + " chunks";
    }

    /** Kinds and names of properties, with how many chunks have each. */
    public static String list(List<ChunkProperty> properties) {
        Map<String, Set<TableName>> kinds = new TreeMap<>(properties.stream()
                .collect(Collectors.groupingBy(
                        property -> property.kind() + (property.name().isEmpty() ? "" : " " + property.name()),
                        Collectors.flatMapping(property -> property.chunks().stream(), Collectors.toSet()))));
        return kinds.entrySet().stream()
                .map(kind -> kind.getKey() + " (" + kind.getValue().size()
                        + (kind.getValue().size() == 1 ? " chunk)" : " chunks)"))
                .collect(Collectors.joining(", "));
    }

    /** What chunks have of their own, and no restore gives them again: for a backup to name it, once a hypertable. */
    public static List<Warning> notCarried(List<DiscoveredTable> tables) {
        List<Warning> warnings = new ArrayList<>();
        for (DiscoveredTable table : tables) {
            List<ChunkProperty> properties = properties(table.structure());
            List<ChunkProperty> lost = properties == null
                    ? List.of()
                    : properties.stream()
                            .filter(property -> !property.isCarried()
                                    // computed again
                                    && !property.kind().equals(ChunkProperty.SKIPPED_RANGE))
                            .toList();
            if (!lost.isEmpty()) {
                warnings.add(new Warning(
                        "chunk-properties",
                        "hypertable " + table.name() + ": " + chunks(lost) + " of "
                                + table.chunks().size()
                                + " chunks have something of their own that no restore gives them again: "
                                + list(lost)));
            }
        }
        return warnings;
    }

    private static int chunks(List<ChunkProperty> properties) {
        return properties.stream()
                .flatMap(property -> property.chunks().stream())
                .collect(Collectors.toSet())
                .size();
    }

    /** The same tables by their names. */
    public static Map<TableName, DiscoveredTable> byName(List<DiscoveredTable> tables) {
        return tables.stream().collect(Collectors.toMap(DiscoveredTable::name, Function.identity()));
    }
}

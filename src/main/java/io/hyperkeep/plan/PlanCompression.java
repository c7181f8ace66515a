package io.hyperkeep.plan;

import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Columnstore;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which chunks of a restored hypertable are to be compressed, and how. Pure functions.
 *
 * <p>A chunk of the same bounds is stored as it was. One of other bounds is compressed when all rows in its range were in
 * compressed chunks: what was left open to be written stays open.
 */
public final class PlanCompression {
    private PlanCompression() {}

    /**
     * What is to be done with a chunk of the target.
     *
     * @param chunk the chunk
     * @param compressed whether its rows are to be compressed
     * @param settings what with
     * @param frozen whether it is to refuse changes afterwards
     */
    public record Planned(DiscoveredChunk chunk, boolean compressed, Columnstore settings, boolean frozen) {}

    /**
     * Plans it.
     *
     * @param table the hypertable as it was
     * @param target its chunks as they are now
     * @return every chunk of the target, in the given order
     */
    public static List<Planned> run(TableEntry table, List<DiscoveredChunk> target) {
        Hypertable source = Objects.requireNonNull(table.hypertable());
        Set<TableName> filled = filled(table);
        Columnstore own = source.columnstore() == null
                ? Columnstore.AUTOMATIC
                : source.columnstore().withoutChunkInterval();
        Map<Set<Slice>, ChunkEntry> bySlices = new HashMap<>();
        source.chunks().forEach(chunk -> bySlices.put(Set.copyOf(chunk.slices()), chunk));
        List<Planned> planned = new ArrayList<>();
        for (DiscoveredChunk chunk : target) {
            ChunkEntry same = bySlices.get(Set.copyOf(chunk.slices()));
            List<ChunkEntry> from = same != null ? List.of(same) : overlapping(source, filled, chunk);
            Set<Columnstore> settings = Set.copyOf(from.stream()
                    .filter(ChunkEntry::isCompressed)
                    .map(entry -> Objects.requireNonNullElse(
                            Objects.requireNonNull(entry.storage()).settings(), own))
                    .toList());
            planned.add(new Planned(
                    chunk,
                    !from.isEmpty() && from.stream().allMatch(ChunkEntry::isCompressed),
                    settings.size() == 1 ? settings.iterator().next() : own,
                    !from.isEmpty() && from.stream().allMatch(ChunkEntry::isFrozen)));
        }
        return planned;
    }

    private static Set<TableName> filled(TableEntry table) {
        return table.units().stream()
                .flatMap(unit -> unit.relations().stream())
                .filter(relation -> relation.rows() > 0)
                .map(Relation::name)
                .collect(Collectors.toSet());
    }

    /** Chunks that had rows which may be in this one now. */
    private static List<ChunkEntry> overlapping(Hypertable source, Set<TableName> filled, DiscoveredChunk chunk) {
        return source.chunks().stream()
                .filter(entry -> filled.contains(entry.chunk()))
                .filter(entry -> entry.slices().stream().allMatch(slice -> chunk.slices().stream()
                        .allMatch(other -> !other.column().equals(slice.column()) || overlap(slice, other))))
                .toList();
    }

    private static boolean overlap(Slice one, Slice other) {
        return one.start() < other.end() && other.start() < one.end();
    }
}

package io.hyperkeep.plan;

import io.hyperkeep.discovery.DiscoveredChunk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Groups small chunks so that most groups have the same members tomorrow: one that has not can not be reused.
 *
 * <p>Counting chunks off would move the border of every group when the oldest chunk is dropped. So borders are taken
 * from the chunks' own ranges: a group is the largest range of the primary dimension, with a length that is a power of
 * two and a start that is a multiple of it, whose chunks fit into one unit. A new, dropped or grown chunk changes the
 * group that its range is in, at most splits or joins it with its neighbour, and leaves the others alone.
 */
final class GroupChunks {
    private final long mostBytes;
    private final int mostChunks;

    GroupChunks(long mostBytes, int mostChunks) {
        this.mostBytes = mostBytes;
        this.mostChunks = mostChunks;
    }

    /** The groups, in the order of their ranges; chunks of one range in the order in which they came. */
    List<List<DiscoveredChunk>> of(List<DiscoveredChunk> chunks) {
        List<DiscoveredChunk> byRange = new ArrayList<>(chunks);
        byRange.sort(Comparator.comparingLong(GroupChunks::start));
        List<List<DiscoveredChunk>> groups = new ArrayList<>();
        if (!byRange.isEmpty()) {
            divide(byRange, groups);
        }
        return groups;
    }

    private void divide(List<DiscoveredChunk> chunks, List<List<DiscoveredChunk>> groups) {
        if (fits(chunks)) {
            groups.add(List.copyOf(chunks));
            return;
        }
        long first = start(chunks.get(0));
        long last = start(chunks.get(chunks.size() - 1));
        if (first == last) {
            fill(chunks, groups);
            return;
        }
        // the highest bit in which they differ: the smallest aligned range around all of them is halved there;
        // it is the sign, or set in the second half only
        long bit = Long.highestOneBit(first ^ last);
        int half = 0;
        while ((start(chunks.get(half)) & bit) == (first & bit)) {
            half++;
        }
        divide(chunks.subList(0, half), groups);
        divide(chunks.subList(half, chunks.size()), groups);
    }

    /** Chunks of one range, of a space dimension: nothing of their own orders them but their creation. */
    private void fill(List<DiscoveredChunk> chunks, List<List<DiscoveredChunk>> groups) {
        List<DiscoveredChunk> group = new ArrayList<>();
        for (DiscoveredChunk chunk : chunks) {
            List<DiscoveredChunk> more = new ArrayList<>(group);
            more.add(chunk);
            if (!group.isEmpty() && !fits(more)) {
                groups.add(List.copyOf(group));
                group = new ArrayList<>();
            }
            group.add(chunk);
        }
        groups.add(List.copyOf(group));
    }

    private boolean fits(List<DiscoveredChunk> chunks) {
        return chunks.size() <= mostChunks
                && chunks.stream().mapToLong(DiscoveredChunk::bytes).sum() <= mostBytes;
    }

    /** Where the chunk begins in the primary dimension, in TimescaleDB's own unit. */
    private static long start(DiscoveredChunk chunk) {
        return chunk.slices().isEmpty() ? 0 : chunk.slices().get(0).start();
    }
}

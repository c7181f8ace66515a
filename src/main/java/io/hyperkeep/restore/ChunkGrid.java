package io.hyperkeep.restore;

import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Dimension.Kind;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks a hypertable may need that is divided otherwise than its source: those that its dimensions make of the
 * time that the source's chunks cover. Some of them may get no row. A pure function.
 */
final class ChunkGrid {
    /** More are not created ahead: most of them would stay empty. */
    private static final int MOST = 10_000;

    private ChunkGrid() {}

    private record Range(long start, long end) implements Comparable<Range> {
        @Override
        public int compareTo(Range other) {
            return Comparator.comparingLong(Range::start)
                    .thenComparingLong(Range::end)
                    .compare(this, other);
        }
    }

    /**
     * @param table whose chunks; they have no names of their own yet
     * @param source how it was divided
     * @param dimensions how it is to be
     * @return none when they can not be known: the first dimension is another column, there is a second range, or they
     *     are far more than before
     */
    static List<ChunkEntry> of(TableName table, Hypertable source, List<Dimension> dimensions) {
        Dimension first = dimensions.get(PlanDimensions.first(dimensions));
        Dimension old = source.dimensions().get(PlanDimensions.first(source.dimensions()));
        long ranges = dimensions.stream()
                .filter(dimension -> dimension.kind() == Kind.RANGE)
                .count();
        if (!first.column().equals(old.column()) || ranges > 1 || first.interval() == null) {
            return List.of();
        }
        TreeSet<Range> covered = new TreeSet<>();
        for (ChunkEntry chunk : source.chunks()) {
            if (!chunk.seed().isEmpty()) {
                chunk.slices().stream()
                        .filter(slice -> slice.column().equals(first.column()))
                        .forEach(slice -> covered.add(new Range(slice.start(), slice.end())));
            }
        }
        boolean sameWidth = first.interval().equals(old.interval()) && areApart(covered);
        TreeSet<Range> times = sameWidth ? covered : aligned(covered, first.interval());
        if (times == null) {
            return List.of();
        }
        List<List<Slice>> grid = times.stream()
                .map(time -> List.of(new Slice(first.column(), time.start, time.end)))
                .toList();
        for (Dimension dimension : dimensions) {
            if (dimension.kind() == Kind.HASH) {
                if ((long) grid.size() * dimension.partitions() > MOST) {
                    return List.of();
                }
                List<Slice> partitions = partitions(dimension);
                grid = grid.stream()
                        .flatMap(slices -> partitions.stream()
                                .map(partition -> Stream.concat(slices.stream(), Stream.of(partition))
                                        .toList()))
                        .toList();
            }
        }
        return grid.stream()
                .map(slices -> new ChunkEntry(table, inOrder(slices, dimensions), List.of(), null))
                .toList();
    }

    private static List<Slice> inOrder(List<Slice> slices, List<Dimension> dimensions) {
        return dimensions.stream()
                .flatMap(dimension ->
                        slices.stream().filter(slice -> slice.column().equals(dimension.column())))
                .toList();
    }

    private static boolean areApart(TreeSet<Range> ranges) {
        long end = Long.MIN_VALUE;
        for (Range range : ranges) {
            if (range.start < end) {
                return false;
            }
            end = range.end;
        }
        return true;
    }

    /** Multiples of the width, as TimescaleDB cuts time; null for too many. */
    private static @Nullable TreeSet<Range> aligned(TreeSet<Range> covered, long width) {
        TreeSet<Range> aligned = new TreeSet<>();
        for (Range range : covered) {
            if (range.start == Long.MIN_VALUE || range.end == Long.MAX_VALUE) {
                continue; // the rows at the end of all times; the import makes their chunk
            }
            long start = Math.floorDiv(range.start, width) * width;
            for (long at = start; at < range.end; at += width) {
                aligned.add(new Range(at, at + width));
                if (aligned.size() > MOST) {
                    return null;
                }
            }
        }
        return aligned;
    }

    /** As TimescaleDB divides the positive 32-bit numbers that its hash functions return. */
    static List<Slice> partitions(Dimension dimension) {
        int count = dimension.partitions();
        long width = Integer.MAX_VALUE / count;
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            slices.add(new Slice(
                    dimension.column(),
                    i == 0 ? Long.MIN_VALUE : i * width,
                    i == count - 1 ? Long.MAX_VALUE : (i + 1) * width));
        }
        return slices;
    }
}

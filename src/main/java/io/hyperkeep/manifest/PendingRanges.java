package io.hyperkeep.manifest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What of a continuous aggregate is to be materialized again, as far as there is something to do it from.
 *
 * <p>A range whose raw rows were dropped is none: its buckets are all that is left of them, and the next refresh would
 * delete them. TimescaleDB's own log has such ranges, because it notes what drop_chunks takes away (2.29: tried).
 */
public final class PendingRanges {
    private PendingRanges() {}

    /**
     * The parts of some ranges that lie in chunks, in order, those that overlap or touch as one.
     *
     * @param pending what the logs have
     * @param chunks the range of each chunk of the aggregate's source on its primary dimension, in any order
     */
    public static List<TimeRange> within(List<TimeRange> pending, List<Slice> chunks) {
        List<TimeRange> parts = new ArrayList<>();
        for (Slice chunk : chunks) {
            boolean follows = chunks.stream().anyMatch(before -> before.end() == chunk.start());
            for (TimeRange range : pending) {
                long first = Math.max(range.first(), chunk.start());
                long last = Math.min(range.last(), of(chunk).last());
                // the log has a chunk that was dropped together with the first value of the next one
                boolean dropped = range.first() < chunk.start() && range.last() == chunk.start() && !follows;
                if (first <= last && !dropped) {
                    parts.add(new TimeRange(first, last));
                }
            }
        }
        return joined(parts);
    }

    /** The whole range of a chunk. */
    public static TimeRange of(Slice chunk) {
        // a slice's end is the first value after it, or says that there is none
        return new TimeRange(chunk.start(), chunk.end() == Long.MAX_VALUE ? chunk.end() : chunk.end() - 1);
    }

    /** The parts of some ranges that lie in none of others. */
    public static List<TimeRange> without(List<TimeRange> ranges, List<TimeRange> others) {
        List<TimeRange> parts = ranges;
        for (TimeRange other : others) {
            List<TimeRange> cut = new ArrayList<>();
            for (TimeRange part : parts) {
                if (other.last() < part.first() || other.first() > part.last()) {
                    cut.add(part);
                    continue;
                }
                if (part.first() < other.first()) {
                    cut.add(new TimeRange(part.first(), other.first() - 1));
                }
                if (part.last() > other.last()) {
                    cut.add(new TimeRange(other.last() + 1, part.last()));
                }
            }
            parts = cut;
        }
        return parts;
    }

    private static List<TimeRange> joined(List<TimeRange> ranges) {
        List<TimeRange> joined = new ArrayList<>();
        ranges.stream().sorted(Comparator.comparingLong(TimeRange::first)).forEach(range -> {
            TimeRange former = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (former != null && (former.last() == Long.MAX_VALUE || range.first() <= former.last() + 1)) {
                joined.set(joined.size() - 1, new TimeRange(former.first(), Math.max(former.last(), range.last())));
            } else {
                joined.add(range);
            }
        });
        return joined;
    }
}

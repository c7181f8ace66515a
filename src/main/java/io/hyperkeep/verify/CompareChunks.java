package io.hyperkeep.verify;

import io.hyperkeep.manifest.ChunkEntry;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says in which ranges of a hypertable rows differ, as far as chunks of the same ranges tell: nothing is read for it.
 * Pure functions.
 */
final class CompareChunks {
    private static final int LISTED = 10;
    private static final int FEW = 3;

    private final TableEntry table;
    private final Hypertable hypertable;
    private final Map<List<Slice>, RowSum> now;
    private final List<Finding> findings = new ArrayList<>();

    private CompareChunks(TableEntry table, Hypertable hypertable, Map<List<Slice>, RowSum> now) {
        this.table = table;
        this.hypertable = hypertable;
        this.now = now;
    }

    /**
     * Compares chunk by chunk.
     *
     * @param table what the manifest says
     * @param now the rows that were read from each chunk
     * @return the ranges that differ; none when the table's chunks are others by now, or it has none
     */
    static List<Finding> run(TableEntry table, Map<List<Slice>, RowSum> now) {
        Hypertable hypertable = table.hypertable();
        return hypertable == null ? List.of() : new CompareChunks(table, hypertable, now).compare();
    }

    private List<Finding> compare() {
        Map<TableName, List<Slice>> ranges =
                hypertable.chunks().stream().collect(Collectors.toMap(ChunkEntry::chunk, ChunkEntry::slices));
        if (hasOtherBounds(ranges.values())) {
            return List.of();
        }
        Set<List<Slice>> backedUp = new HashSet<>();
        for (UnitEntry unit : table.units()) {
            Map<List<Slice>, Long> rows = new LinkedHashMap<>();
            for (Relation relation : unit.relations()) {
                rows.merge(ranges.getOrDefault(relation.name(), List.of()), relation.rows(), Long::sum);
            }
            unit(unit, rows);
            backedUp.addAll(rows.keySet());
        }
        now.forEach((range, sum) -> {
            if (!backedUp.contains(range) && sum.rows() > 0) {
                differ(range, 0, sum.rows());
            }
        });
        int more = findings.size() - LISTED;
        if (more <= 0) {
            return findings;
        }
        List<Finding> some = new ArrayList<>(findings.subList(0, LISTED));
        some.add(new Finding(table.name().toString(), "differs in " + more + " more ranges"));
        return some;
    }

    /** Whether rows of one of the backup's ranges may be in another one by now. */
    private boolean hasOtherBounds(Collection<List<Slice>> ranges) {
        Set<List<Slice>> known = new HashSet<>(ranges);
        return now.keySet().stream().filter(range -> !known.contains(range)).anyMatch(range -> known.stream()
                .anyMatch(other -> overlap(range, other)));
    }

    private static boolean overlap(List<Slice> range, List<Slice> other) {
        return range.stream().allMatch(slice -> other.stream()
                .filter(same -> same.column().equals(slice.column()))
                .allMatch(same -> same.start() < slice.end() && slice.start() < same.end()));
    }

    /** The chunks of one file, whose rows are digested together. */
    private void unit(UnitEntry unit, Map<List<Slice>, Long> rows) {
        RowSum sum = RowSum.NOTHING;
        boolean counted = true;
        for (Map.Entry<List<Slice>, Long> chunk : rows.entrySet()) {
            RowSum there = now.getOrDefault(chunk.getKey(), RowSum.NOTHING);
            sum = sum.plus(there);
            if (there.rows() != chunk.getValue()) {
                differ(chunk.getKey(), chunk.getValue(), there.rows());
                counted = false;
            }
        }
        if (counted && !sum.digest().equals(unit.digest())) {
            findings.add(new Finding(
                    on(text(rows.keySet())),
                    "are as many as in the backup, but not the same ones",
                    unit.digest().toString(),
                    sum.digest().toString()));
        }
    }

    /** Some ranges: all of them if there are few, else the first and the last. */
    private String text(Set<List<Slice>> ranges) {
        List<String> sorted = ranges.stream()
                .sorted(Comparator.comparing(range -> range.get(0).start()))
                .map(this::text)
                .toList();
        return sorted.size() <= FEW
                ? String.join(" or ", sorted)
                : sorted.size() + " ranges from " + sorted.get(0) + " to " + sorted.get(sorted.size() - 1);
    }

    private void differ(List<Slice> range, long backup, long rows) {
        findings.add(new Finding(
                on(text(range)),
                "are " + rows + ", in the backup " + backup,
                Long.toString(backup),
                Long.toString(rows)));
    }

    private String on(String range) {
        return table.name() + ", rows of " + range;
    }

    private String text(List<Slice> range) {
        return new RangeText(hypertable).of(range);
    }
}

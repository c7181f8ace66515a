package io.hyperkeep.verify;

import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.PendingRanges;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.TimeRange;
import io.hyperkeep.verify.PrintedTwice.Sort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what makes tables continuous aggregates. Their rows, columns, indexes and chunk intervals are compared as
 * those of every table.
 *
 * <p>Of what is pending, nothing may be missing: such a bucket would stay as it is for ever. Where there are raw rows, more
 * may be pending than in the backup, which costs a refresh and changes nothing; where there are none it would cost the
 * materialized ones.
 */
public final class CompareAggregates {
    /** As PostgreSQL writes an interval: {@code 1 year 2 mons 3 days 04:05:06.7}. */
    private static final Pattern INTERVAL = Pattern.compile("(\\d+) (year|mon|day)|(\\d+):(\\d+):([\\d.]+)");

    private static final Map<String, Integer> DAYS = Map.of("year", 366, "mon", 31, "day", 1);

    private final List<Finding> findings = new ArrayList<>();

    private CompareAggregates() {}

    /**
     * Compares.
     *
     * @param aggregates what the manifest says of them
     * @param tables what it says of all tables, for the chunks of those that are aggregated
     * @param found the target as it is now
     * @return every difference, by aggregate
     */
    public static List<Finding> run(List<ContinuousAggregate> aggregates, List<TableEntry> tables, Inventory found) {
        CompareAggregates compare = new CompareAggregates();
        Map<TableName, ContinuousAggregate> there = new HashMap<>();
        found.aggregates().forEach(aggregate -> there.put(aggregate.name(), aggregate));
        for (ContinuousAggregate aggregate : aggregates) {
            List<Slice> chunks = tables.stream()
                    .filter(table -> table.name().equals(aggregate.source()) && table.hypertable() != null)
                    .flatMap(table -> Objects.requireNonNull(table.hypertable()).chunks().stream())
                    .map(chunk -> chunk.slices().get(0))
                    .toList();
            ContinuousAggregate now = there.get(aggregate.name());
            // one that is missing is missing as a table, too
            if (now != null) {
                compare.one(aggregate, now, chunks);
            }
        }
        return List.copyOf(compare.findings);
    }

    private void one(ContinuousAggregate expected, ContinuousAggregate now, List<Slice> chunks) {
        String on = "continuous aggregate " + expected.name();
        if (!expected.definition().equals(now.definition())) {
            findings.add(new Finding(on, "is defined as " + now.definition() + ", not as " + expected.definition())
                    .of(new PrintedTwice(Sort.QUERY, null, expected.name(), expected.definition(), now.definition())));
        }
        value(on, "whether it is materialized only", expected.materializedOnly(), now.materializedOnly());
        value(on, "its watermark", expected.watermark(), now.watermark());
        pending(on, expected, now, chunks);
    }

    private void pending(String on, ContinuousAggregate expected, ContinuousAggregate now, List<Slice> chunks) {
        // what a refresh would do counts, in however many ranges, which may overlap, the log has it
        List<TimeRange> present = new ArrayList<>(now.pending());
        if (expected.watermark() != null) {
            present.add(new TimeRange(expected.watermark(), Long.MAX_VALUE));
        }
        for (TimeRange missing : PendingRanges.without(PendingRanges.within(expected.pending(), chunks), present)) {
            findings.add(new Finding(
                    on,
                    "counts " + missing.first() + " to " + missing.last()
                            + " as materialized, which in the backup is still to be done"));
        }
        if (expected.watermark() == null) {
            return;
        }
        List<TimeRange> known = new ArrayList<>(expected.pending());
        chunks.forEach(chunk -> known.add(PendingRanges.of(chunk)));
        known.add(new TimeRange(expected.watermark(), Long.MAX_VALUE));
        for (TimeRange range : PendingRanges.without(now.pending(), known)) {
            // a bucket is pending as a whole, also one of which a part has no raw rows any more
            long length = range.last() - range.first();
            if (length < 0 || length > 2 * width(expected)) {
                findings.add(new Finding(
                        on,
                        "counts " + range.first() + " to " + range.last()
                                + " as still to be done: a refresh would delete what no raw data can bring back"));
            }
        }
    }

    /** The width of a bucket, or the value of an integer's; of a month and a year about that. */
    private static long width(ContinuousAggregate aggregate) {
        String width = aggregate.bucketWidth();
        if (width.matches("\\d+")) {
            return Long.parseLong(width);
        }
        Duration sum = Duration.ZERO;
        for (Matcher part = INTERVAL.matcher(width); part.find(); ) {
            sum = part.group(1) == null
                    ? sum.plusHours(Long.parseLong(part.group(3)))
                            .plusMinutes(Long.parseLong(part.group(4)))
                            .plusSeconds((long) Math.ceil(Double.parseDouble(part.group(5))))
                    : sum.plusDays(Long.parseLong(part.group(1)) * DAYS.get(part.group(2)));
        }
        return sum.toMillis() * 1000;
    }

    private void value(String on, String property, @Nullable Object expected, @Nullable Object now) {
        if (!Objects.equals(expected, now)) {
            findings.add(new Finding(on, property + " is " + now + ", not " + expected));
        }
    }
}

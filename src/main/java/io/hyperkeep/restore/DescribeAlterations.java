package io.hyperkeep.restore;

import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.restore.Alterations.Content;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says in sentences in what a target will differ from the backup; pure functions. */
public final class DescribeAlterations {
    private DescribeAlterations() {}

    /** One sentence for each; none when nothing differs. */
    public static List<String> of(RestorePlan plan) {
        List<String> sentences = new ArrayList<>();
        Alterations alterations = plan.alterations();
        if (alterations.content() == Content.SCHEMA_ONLY) {
            sentences.add("No rows are restored");
        }
        if (alterations.content() == Content.DATA_ONLY) {
            sentences.add("Only rows are restored, into tables that exist; only rows are compared");
        }
        if (alterations.isCut()) {
            sentences.add("Of hypertables, only rows"
                    + (alterations.from() == null ? "" : " from " + alterations.from() + " on")
                    + (alterations.until() == null
                            ? ""
                            : (alterations.from() == null ? " before " : " and before ") + alterations.until())
                    + " are restored");
        }
        for (TableEntry table : plan.tables()) {
            TableEntry target = plan.target(table.name());
            if (!target.name().equals(table.name())) {
                sentences.add("Table " + table.name() + " becomes " + target.name());
            }
            if (plan.isRedivided(table)) {
                sentences.add("Hypertable " + target.name() + " is divided by "
                        + target.hypertable().dimensions().stream()
                                .map(DescribeAlterations::dimension)
                                .collect(Collectors.joining(" and by ")));
            }
        }
        return sentences;
    }

    private static String dimension(Dimension dimension) {
        if (dimension.partitions() != null) {
            return dimension.column() + " into " + dimension.partitions()
                    + (dimension.partitions() == 1 ? " partition" : " partitions");
        }
        DimensionType type = dimension.partitioningFunction() == null
                ? DimensionType.of(dimension.columnType())
                : DimensionType.TIMESTAMP;
        long interval = dimension.interval() == null ? 0 : dimension.interval();
        return dimension.column() + " into chunks of "
                + (type != null && type.isTime() ? time(interval) : Long.toString(interval));
    }

    /** Without what is zero: {@code 7d}, {@code 1d 12h}. */
    private static String time(long micros) {
        Duration time = Duration.ofNanos(0).plusSeconds(micros / 1_000_000).plusNanos(micros % 1_000_000 * 1000);
        StringBuilder text = new StringBuilder();
        append(text, time.toDays(), "d");
        append(text, time.toHoursPart(), "h");
        append(text, time.toMinutesPart(), "m");
        append(text, time.toSecondsPart(), "s");
        append(text, time.toNanosPart() / 1000, "us");
        return text.toString().strip();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit).append(' ');
        }
    }
}

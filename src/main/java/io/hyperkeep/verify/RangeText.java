package io.hyperkeep.verify;

import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.Slice;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/** Ranges of a hypertable's chunks as people read them. Immutable. */
final class RangeText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private final Hypertable hypertable;

    RangeText(Hypertable hypertable) {
        this.hypertable = hypertable;
    }

    /** Only what bounds it: {@code at [2026-01-01 00:00:00, 2026-01-08 00:00:00)}. */
    String of(List<Slice> range) {
        return range.stream()
                .filter(slice -> slice.start() != Long.MIN_VALUE || slice.end() != Long.MAX_VALUE)
                .map(slice -> slice.column() + " [" + text(slice.column(), slice.start()) + ", "
                        + text(slice.column(), slice.end()) + ")")
                .collect(Collectors.joining(", "));
    }

    private String text(String column, long value) {
        if (value == Long.MIN_VALUE || value == Long.MAX_VALUE) {
            return value < 0 ? "-infinity" : "infinity";
        }
        boolean time = hypertable.dimensions().stream()
                .filter(dimension -> dimension.column().equals(column))
                .anyMatch(RangeText::isTime);
        return time ? TIME.format(Instant.EPOCH.plus(value, ChronoUnit.MICROS)) : Long.toString(value);
    }

    private static boolean isTime(Dimension dimension) {
        String type = dimension.columnType();
        return dimension.kind() == Dimension.Kind.RANGE
                && (type.startsWith("timestamp") || type.equals("date") || dimension.partitioningFunction() != null);
    }
}

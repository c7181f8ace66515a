package io.hyperkeep.retention;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** A stretch of the calendar of which one backup is kept. */
public enum Period {
    /** With its offset from UTC: when clocks are set back, there are two hours of the same name. */
    HOURLY(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:00xxx", Locale.ROOT)),
    DAILY(DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT)),
    /** As ISO 8601 counts weeks: from Monday, the first one has the year's first Thursday. */
    WEEKLY(new DateTimeFormatterBuilder()
            .appendValue(IsoFields.WEEK_BASED_YEAR, 4)
            .appendLiteral("-W")
            .appendValue(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 2)
            .toFormatter(Locale.ROOT)),
    MONTHLY(DateTimeFormatter.ofPattern("uuuu-MM", Locale.ROOT)),
    YEARLY(DateTimeFormatter.ofPattern("uuuu", Locale.ROOT));

    private final DateTimeFormatter format;

    Period(DateTimeFormatter format) {
        this.format = format;
    }

    /** The name of the period that a time is in; two times have the same name if and only if they are in the same one. */
    String of(ZonedDateTime time) {
        return format.format(time);
    }

    /** As in {@code --keep-daily} and in reasons. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

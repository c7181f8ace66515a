package io.hyperkeep.schedule;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A window of the week in which nothing of a plan begins.
 *
 * @param text as it was written
 * @param days on which it begins
 * @param from when it begins
 * @param until when it ends, itself not in it; on the next day when it is not after {@code from}
 */
public record BlackoutWindow(String text, Set<DayOfWeek> days, LocalTime from, LocalTime until) {
    private static final Pattern FORM =
            Pattern.compile("(?:([A-Za-z]{3}(?:[-,][A-Za-z]{3})*) +)?([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})");

    /**
     * Reads a window such as {@code Mon-Fri 08:00-18:00}, {@code Sat,Sun 00:00-24:00} or {@code 22:00-06:00}.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static BlackoutWindow parse(String text) {
        Matcher window = FORM.matcher(text.strip());
        if (!window.matches()) {
            throw bad(text);
        }
        return new BlackoutWindow(
                text.strip(),
                window.group(1) == null ? EnumSet.allOf(DayOfWeek.class) : days(window.group(1), text),
                time(window.group(2), text),
                window.group(3).equals("24:00") ? LocalTime.MIDNIGHT : time(window.group(3), text));
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not a window such as 'Mon-Fri 08:00-18:00', 'Sat,Sun 00:00-24:00' or '22:00-06:00'");
    }

    private static Set<DayOfWeek> days(String text, String whole) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",")) {
            String[] ends = part.split("-");
            if (ends.length > 2) {
                throw bad(whole);
            }
            DayOfWeek day = day(ends[0], whole);
            DayOfWeek last = day(ends[ends.length - 1], whole);
            days.add(day);
            while (day != last) {
                day = day.plus(1);
                days.add(day);
            }
        }
        return days;
    }

    private static DayOfWeek day(String text, String whole) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH).equalsIgnoreCase(text)) {
                return day;
            }
        }
        throw bad(whole);
    }

    private static LocalTime time(String text, String whole) {
        try {
            return LocalTime.parse(text);
        } catch (java.time.DateTimeException e) {
            throw bad(whole);
        }
    }

    /** Whether an instant is in it, by the clocks of a zone. */
    public boolean covers(Instant instant, ZoneId zone) {
        ZonedDateTime local = instant.atZone(zone);
        LocalDate today = local.toLocalDate();
        LocalTime time = local.toLocalTime();
        boolean overnight = !until.isAfter(from);
        boolean begunToday = begins(today) && !time.isBefore(from) && (overnight || time.isBefore(until));
        boolean begunYesterday = overnight && begins(today.minusDays(1)) && time.isBefore(until);
        return begunToday || begunYesterday;
    }

    private boolean begins(LocalDate date) {
        return days.contains(date.getDayOfWeek());
    }
}

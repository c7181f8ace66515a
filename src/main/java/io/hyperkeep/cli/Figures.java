package io.hyperkeep.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes figures for people: sizes, numbers, durations, times. */
final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Figures() {}

    /** {@code 1.2 GiB}. */
    static String size(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** {@code 1,234,567}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 table}, {@code 2 tables}. */
    static String count(long number, String thing) {
        return count(number) + " " + thing + (number == 1 ? "" : "s");
    }

    /** {@code 0.4s}, {@code 12s}, {@code 2m 03s}, {@code 1h 02m}. */
    static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1000.0);
        }
        if (seconds < 60) {
            return seconds + "s";
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%dm %02ds", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%dh %02dm", seconds / 3600, seconds / 60 % 60);
    }

    /** Bytes a second. */
    static String rate(long bytes, Duration duration) {
        return duration.isZero() ? size(bytes) + "/s" : size(bytes * 1000 / Math.max(1, duration.toMillis())) + "/s";
    }

    /** {@code 2026-11-22 02:15:00Z}. */
    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** Seconds with milliseconds, for JSON. */
    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}

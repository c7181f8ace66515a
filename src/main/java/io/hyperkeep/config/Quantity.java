package io.hyperkeep.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations, sizes and whole numbers as people write them. */
final class Quantity {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9}) ?(B|KiB|MiB|GiB|TiB)");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,9}");

    private Quantity() {}

    /**
     * A duration such as {@code 500ms}, {@code 60s}, {@code 5m}, {@code 2h}, {@code 1d}.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Duration duration(String text) {
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration such as 500ms, 60s, 5m or 2h");
        }
        long amount = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /**
     * A duration within bounds.
     *
     * @throws IllegalArgumentException when it is none, or outside
     */
    static Duration duration(String text, Duration least, Duration most, String bounds) {
        Duration duration = duration(text);
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw new IllegalArgumentException("'" + text + "' is not a duration from " + bounds);
        }
        return duration;
    }

    /**
     * A size in bytes, from 1 KiB to 1 TiB.
     *
     * @throws IllegalArgumentException when it is none, or outside
     */
    static long size(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size such as 64KiB, 16MiB or 1GiB");
        }
        int shift = 10 * "BKMGT".indexOf(size.group(2).charAt(0));
        long amount = Long.parseLong(size.group(1));
        if (amount > (1L << 40) >> shift || amount << shift < 1024) {
            throw new IllegalArgumentException("'" + text + "' is not a size from 1KiB to 1TiB");
        }
        return amount << shift;
    }

    /**
     * A whole number within bounds.
     *
     * @throws IllegalArgumentException when it is none, or outside
     */
    static int number(String text, int least, int most) {
        if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }
}

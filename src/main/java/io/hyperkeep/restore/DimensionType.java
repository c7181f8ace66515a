package io.hyperkeep.restore;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Types that a first dimension can have, and how TimescaleDB counts on them: microseconds since 1970 for times, else the
 * number itself.
 */
public enum DimensionType {
    TIMESTAMP,
    DATE,
    BIGINT,
    INTEGER,
    SMALLINT;

    private static final long SECOND = 1_000_000;
    private static final long DAY = 86_400 * SECOND;

    private static final Pattern LENGTHS = Pattern.compile("(?:([0-9]+(?:\\.[0-9]+)?)\\s*([a-zµ]+)\\s*)+");
    private static final Pattern LENGTH = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([a-zµ]+)");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}");

    /** Microseconds of a unit; a month is 30 days, as TimescaleDB takes it. */
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("us", 1L),
            Map.entry("µs", 1L),
            Map.entry("microsecond", 1L),
            Map.entry("ms", 1000L),
            Map.entry("millisecond", 1000L),
            Map.entry("s", SECOND),
            Map.entry("sec", SECOND),
            Map.entry("second", SECOND),
            Map.entry("m", 60 * SECOND),
            Map.entry("min", 60 * SECOND),
            Map.entry("minute", 60 * SECOND),
            Map.entry("h", 3600 * SECOND),
            Map.entry("hour", 3600 * SECOND),
            Map.entry("d", DAY),
            Map.entry("day", DAY),
            Map.entry("w", 7 * DAY),
            Map.entry("week", 7 * DAY),
            Map.entry("mon", 30 * DAY),
            Map.entry("month", 30 * DAY));

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd")
            .optionalStart()
            .appendPattern("['T'][' ']HH:mm")
            .optionalStart()
            .appendPattern(":ss")
            .optionalStart()
            .appendFraction(java.time.temporal.ChronoField.MICRO_OF_SECOND, 1, 6, true)
            .optionalEnd()
            .optionalEnd()
            .optionalStart()
            .appendPattern("[XXX][X]")
            .optionalEnd()
            .optionalEnd()
            .toFormatter();

    /** The type of a column, or null when it is another one. */
    static @Nullable DimensionType of(String columnType) {
        return switch (columnType.replaceAll("\\(\\d+\\)", "")) {
            case "timestamp with time zone", "timestamp without time zone", "uuid" -> TIMESTAMP;
            case "date" -> DATE;
            case "bigint" -> BIGINT;
            case "integer" -> INTEGER;
            case "smallint" -> SMALLINT;
            default -> null;
        };
    }

    boolean isTime() {
        return this == TIMESTAMP || this == DATE;
    }

    /** Whether a text is of the right sort, a length of time or a number, be it good or not. */
    boolean takes(String text) {
        return NUMBER.matcher(text).matches() != isTime();
    }

    /**
     * How wide chunks are.
     *
     * @param text such as {@code 12h}, {@code 7 days}, {@code 1d 12h}; {@code 100000} for numbers
     * @throws IllegalArgumentException when it is no such length, saying why
     */
    long interval(String text) {
        BigInteger interval = isTime() ? microseconds(text) : number(text);
        BigInteger most =
                switch (this) {
                    case SMALLINT -> BigInteger.valueOf(Short.MAX_VALUE);
                    case INTEGER -> BigInteger.valueOf(Integer.MAX_VALUE);
                    default -> BigInteger.valueOf(Long.MAX_VALUE);
                };
        if (interval.signum() <= 0 || interval.compareTo(most) > 0) {
            throw new IllegalArgumentException("'" + text + "' is too " + (interval.signum() <= 0 ? "small" : "large"));
        }
        if (this == DATE && interval.longValue() % DAY != 0) {
            throw new IllegalArgumentException("'" + text + "' is no number of whole days");
        }
        return interval.longValue();
    }

    private static BigInteger number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number");
        }
        return new BigInteger(text);
    }

    private static BigInteger microseconds(String text) {
        String lower = text.strip().toLowerCase(java.util.Locale.ROOT);
        if (!LENGTHS.matcher(lower).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a length of time");
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher length = LENGTH.matcher(lower);
        while (length.find()) {
            String unit = length.group(2);
            Long micros = UNITS.get(unit);
            if (micros == null && unit.endsWith("s")) {
                micros = UNITS.get(unit.substring(0, unit.length() - 1));
            }
            if (micros == null) {
                throw new IllegalArgumentException("'" + text + "' is not a length of time");
            }
            sum = sum.add(new BigDecimal(length.group(1)).multiply(BigDecimal.valueOf(micros)));
        }
        return sum.toBigInteger();
    }

    /**
     * A point on the dimension as somebody writes it.
     *
     * @param text a date or a time, in UTC unless it says otherwise; a number for numbers
     * @throws IllegalArgumentException when it is no such point, saying why
     */
    long point(String text) {
        if (!isTime()) {
            BigInteger number = number(text);
            if (number.bitLength() > 63) {
                throw new IllegalArgumentException("'" + text + "' is too large");
            }
            return number.longValue();
        }
        try {
            var parsed = TIME.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
            if (parsed instanceof OffsetDateTime time) {
                LocalDateTime utc = time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
                return micros(utc.toLocalDate(), utc.toLocalTime());
            }
            return parsed instanceof LocalDateTime time
                    ? micros(time.toLocalDate(), time.toLocalTime())
                    : micros((LocalDate) parsed, LocalTime.MIDNIGHT);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' is not a time", e);
        }
    }

    private static long micros(LocalDate date, LocalTime time) {
        try {
            return Math.addExact(Math.multiplyExact(date.toEpochDay(), DAY), time.toNanoOfDay() / 1000);
        } catch (ArithmeticException e) {
            // at the far ends of PostgreSQL's time, beyond every chunk's bounds
            return date.getYear() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
    }

    /**
     * A value as COPY writes it with the sessions' settings: ISO, in UTC.
     *
     * @throws IllegalArgumentException when it is none
     */
    long value(String text) {
        if (!isTime()) {
            return Long.parseLong(text);
        }
        if (text.equals("infinity") || text.equals("-infinity")) {
            return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        boolean before = text.endsWith(" BC");
        String plain = before ? text.substring(0, text.length() - " BC".length()) : text;
        int space = plain.indexOf(' ');
        String[] date = (space < 0 ? plain : plain.substring(0, space)).split("-");
        if (date.length != 3) {
            throw new IllegalArgumentException("'" + text + "' is not a time");
        }
        int year = Integer.parseInt(date[0]);
        try {
            LocalDate day =
                    LocalDate.of(before ? 1 - year : year, Integer.parseInt(date[1]), Integer.parseInt(date[2]));
            return micros(day, space < 0 ? LocalTime.MIDNIGHT : time(plain.substring(space + 1)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' is not a time", e);
        }
    }

    private static LocalTime time(String text) {
        // the sessions are in UTC, so that no other offset comes
        String local = text.endsWith("+00") ? text.substring(0, text.length() - "+00".length()) : text;
        return LocalTime.parse(local);
    }
}

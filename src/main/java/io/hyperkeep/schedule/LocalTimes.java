package io.hyperkeep.schedule;

import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/**
 * The times that a Quartz cron expression means on the clocks of a zone. Immutable and thread-safe.
 *
 * <p>Quartz only says which local times are meant; when they are is asked of {@code java.time}, because Quartz leaves out
 * times that a change of clocks skips, and comes to no answer in some zones (its issue 1138). A local time that is skipped
 * fires right after the change, a doubled one fires the first time only: so a nightly schedule fires once a night. A
 * schedule of every hour means elapsed time instead: it fires in both passes of a doubled hour, and nothing is skipped.
 * Decision 0021 has the reasons.
 */
public final class LocalTimes {
    private static final TimeZone UTC = TimeZone.getTimeZone("UTC");
    private static final int HOURS = 2;
    private static final Set<String> EVERY_HOUR = Set.of("*", "0/1", "*/1", "0-23");

    private final String expression;
    private final ZoneId zone;
    private final CronExpression cron;

    private LocalTimes(String expression, ZoneId zone, CronExpression cron) {
        this.expression = expression;
        this.zone = zone;
        this.cron = cron;
    }

    /**
     * Reads an expression.
     *
     * @param expression of Quartz: seconds, minutes, hours, day of month, month, day of week, and perhaps a year
     * @throws IllegalArgumentException when it is none, with what is wrong with it
     */
    public static LocalTimes parse(String expression, ZoneId zone) {
        String[] fields = expression.strip().split("\\s+");
        if (fields.length == 5) {
            throw new IllegalArgumentException("'" + expression
                    + "' is a cron expression of five fields; the first of six or seven is of seconds here, and one of the days"
                    + " is '?': '0 30 2 * * ?' is half past two every day");
        }
        try {
            CronExpression cron = new CronExpression(expression.strip());
            // in UTC every local time is there once: what is found is a local time, not yet an instant
            cron.setTimeZone(UTC);
            return new LocalTimes(expression.strip(), zone, cron);
        } catch (ParseException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "'" + expression + "' is not a Quartz cron expression such as '0 30 2 * * ?': " + e.getMessage(),
                    e);
        }
    }

    public String expression() {
        return expression;
    }

    /** The first time after an instant, or nothing if there is none any more. */
    public Optional<Instant> next(Instant after) {
        return Optional.ofNullable(isElapsed() ? nextElapsed(after) : nextLocal(after));
    }

    private boolean isElapsed() {
        return EVERY_HOUR.contains(expression.split("\\s+")[HOURS]);
    }

    private @Nullable Instant nextLocal(Instant after) {
        LocalDateTime local = LocalDateTime.ofInstant(after, zone);
        while (true) {
            local = localAfter(local);
            if (local == null) {
                return null;
            }
            // several skipped times are one instant, and doubled ones may have been before
            Instant instant = instantOf(local);
            if (instant.isAfter(after)) {
                return instant;
            }
        }
    }

    private Instant instantOf(LocalDateTime local) {
        ZoneOffsetTransition change = zone.getRules().getTransition(local);
        return change != null && change.isGap()
                ? change.getInstant()
                : local.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
    }

    private @Nullable Instant nextElapsed(Instant after) {
        ZoneRules rules = zone.getRules();
        Instant from = after;
        while (true) {
            ZoneOffset offset = rules.getOffset(from);
            ZoneOffsetTransition change = rules.nextTransition(from);
            LocalDateTime local = localAfter(LocalDateTime.ofEpochSecond(from.getEpochSecond(), 0, offset));
            if (local == null) {
                return null;
            }
            Instant instant = local.toInstant(offset);
            if (change == null || instant.isBefore(change.getInstant())) {
                return instant;
            }
            // the first second of the new offset counts too
            LocalDateTime begin = change.getDateTimeAfter();
            LocalDateTime first = localAfter(begin.minusSeconds(1));
            if (begin.equals(first)) {
                return change.getInstant();
            }
            from = change.getInstant();
        }
    }

    private @Nullable LocalDateTime localAfter(LocalDateTime local) {
        Date next = cron.getNextValidTimeAfter(Date.from(local.toInstant(ZoneOffset.UTC)));
        return next == null ? null : LocalDateTime.ofInstant(next.toInstant(), ZoneOffset.UTC);
    }

    /**
     * The times that a change of clocks skips or doubles.
     *
     * @param from the first instant looked at
     * @param within how far to look
     */
    public List<ClockChange> clockChanges(Instant from, Duration within) {
        List<ClockChange> changes = new ArrayList<>();
        if (isElapsed()) {
            return changes;
        }
        Instant until = from.plus(within);
        ZoneOffsetTransition change = zone.getRules().nextTransition(from);
        while (change != null && !change.getInstant().isAfter(until)) {
            LocalDateTime first = change.isGap() ? change.getDateTimeBefore() : change.getDateTimeAfter();
            LocalDateTime end = change.isGap() ? change.getDateTimeAfter() : change.getDateTimeBefore();
            LocalDateTime time = localAfter(first.minusSeconds(1));
            if (time != null && time.isBefore(end)) {
                changes.add(new ClockChange(expression, zone, time, change.isGap(), instantOf(time)));
            }
            change = zone.getRules().nextTransition(change.getInstant());
        }
        return changes;
    }
}

package io.hyperkeep.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LocalTimesTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration TWO_YEARS = Duration.ofDays(730);

    private static final List<String> ZONES =
            List.of("Europe/Berlin", "America/New_York", "Africa/Casablanca", "UTC", "Australia/Lord_Howe");

    /** Times of day around every change of those zones, and one that no change touches. */
    private static final List<String> TIMES =
            List.of("01:00", "01:30", "01:45", "02:00", "02:15", "02:30", "02:59", "03:00", "12:00");

    static Stream<Arguments> daily() {
        return ZONES.stream().flatMap(zone -> TIMES.stream().map(time -> Arguments.of(zone, time)));
    }

    @ParameterizedTest
    @MethodSource("daily")
    void a_daily_schedule_fires_once_on_every_day_of_two_years(String zone, String time) {
        ZoneId clocks = ZoneId.of(zone);
        List<Instant> firings = all(daily(time, clocks), BEGIN, TWO_YEARS);

        List<LocalDate> days = firings.stream()
                .map(firing -> LocalDateTime.ofInstant(firing, clocks).toLocalDate())
                .toList();
        LocalDate first = days.get(0);
        assertThat(days)
                .as("each day once, in order")
                .containsExactlyElementsOf(
                        first.datesUntil(first.plusDays(days.size())).toList())
                .hasSizeBetween(730, 731);
        // at its own time, or where that is skipped, right after the change
        assertThat(firings).allSatisfy(firing -> {
            LocalDateTime local = LocalDateTime.ofInstant(firing, clocks);
            LocalDateTime meant = local.toLocalDate().atTime(java.time.LocalTime.parse(time));
            ZoneOffsetTransition change = clocks.getRules().getTransition(meant);
            assertThat(firing)
                    .isEqualTo(
                            change != null && change.isGap()
                                    ? change.getInstant()
                                    : meant.atZone(clocks)
                                            .withEarlierOffsetAtOverlap()
                                            .toInstant());
        });
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin,     2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z",
        "Europe/Berlin,     2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z",
        "America/New_York,  2026-03-07T12:00:00Z, 2026-03-08T07:00:00Z",
        "America/New_York,  2026-10-31T12:00:00Z, 2026-11-01T07:30:00Z",
        "UTC,               2026-03-28T12:00:00Z, 2026-03-29T02:30:00Z",
        "UTC,               2026-10-24T12:00:00Z, 2026-10-25T02:30:00Z"
    })
    void half_past_two_around_the_changes(String zone, Instant after, Instant fires) {
        assertThat(daily("02:30", ZoneId.of(zone)).next(after)).contains(fires);
    }

    @Test
    void a_zone_in_which_quartz_finds_no_time_has_both_of_its_changes() {
        // around Ramadan, Morocco's clocks go back first; in which night is the JDK's to know
        ZoneId zone = ZoneId.of("Africa/Casablanca");
        ZoneRules rules = zone.getRules();
        ZoneOffsetTransition back = rules.nextTransition(BEGIN);
        ZoneOffsetTransition forth = rules.nextTransition(back.getInstant());
        assertThat(back.isOverlap()).isTrue();
        assertThat(forth.isGap()).isTrue();

        LocalTimes half = daily("02:30", zone);
        Instant doubled =
                half.next(back.getInstant().minus(Duration.ofHours(2))).orElseThrow();
        assertThat(doubled).isEqualTo(back.getInstant().minus(Duration.ofMinutes(30)));
        assertThat(half.next(doubled)).contains(doubled.plus(Duration.ofHours(25)));
        Instant skipped = half.next(forth.getInstant().minusSeconds(1)).orElseThrow();
        assertThat(skipped).isEqualTo(forth.getInstant());
        assertThat(half.clockChanges(BEGIN, Duration.ofDays(365)))
                .extracting(ClockChange::skipped, ClockChange::fires)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(false, doubled),
                        org.assertj.core.groups.Tuple.tuple(true, skipped));
    }

    @Test
    void every_hour_means_elapsed_time() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        for (String expression : List.of("0 0 * * * ?", "0 15 0-23 * * ?", "0 0 0/1 * * ?")) {
            List<Instant> firings = all(LocalTimes.parse(expression, berlin), BEGIN, Duration.ofDays(365));
            assertThat(firings).hasSize(365 * 24);
            for (int i = 1; i < firings.size(); i++) {
                assertThat(Duration.between(firings.get(i - 1), firings.get(i))).isEqualTo(Duration.ofHours(1));
            }
            assertThat(LocalTimes.parse(expression, berlin).clockChanges(BEGIN, Duration.ofDays(400)))
                    .isEmpty();
        }
        // an offset of half an hour: minutes of the clock, both before and after the change
        List<Instant> lordHowe =
                all(LocalTimes.parse("0 0/15 * * * ?", ZoneId.of("Australia/Lord_Howe")), BEGIN, Duration.ofDays(365));
        assertThat(lordHowe).hasSize(365 * 96);
    }

    @Test
    void several_skipped_times_are_one_firing() {
        LocalTimes often = LocalTimes.parse("0 0/10 2 * * ?", ZoneId.of("Europe/Berlin"));
        List<Instant> night = all(often, Instant.parse("2026-03-28T20:00:00Z"), Duration.ofHours(12));
        assertThat(night).containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
    }

    @Test
    void changes_are_told_with_their_dates() {
        LocalTimes half = LocalTimes.parse("0 30 2 * * ?", ZoneId.of("Europe/Berlin"));
        assertThat(half.clockChanges(Instant.parse("2026-11-22T00:00:00Z"), Duration.ofDays(400)))
                .extracting(ClockChange::told)
                .containsExactly(
                        "'0 30 2 * * ?': 2027-03-28 02:30 in Europe/Berlin does not exist, as clocks go forward; it fires at"
                                + " 03:00 +02:00, once",
                        "'0 30 2 * * ?': 2027-10-31 02:30 in Europe/Berlin comes twice, as clocks go back; it fires at"
                                + " 02:30 +02:00, once");
        assertThat(daily("04:00", ZoneId.of("Europe/Berlin")).clockChanges(BEGIN, TWO_YEARS))
                .isEmpty();
        assertThat(daily("02:30", ZoneOffset.UTC).clockChanges(BEGIN, TWO_YEARS))
                .isEmpty();
    }

    @Test
    void what_is_no_expression_says_what_is_wrong() {
        assertThatThrownBy(() -> LocalTimes.parse("30 2 * * *", ZoneOffset.UTC))
                .hasMessage(
                        "'30 2 * * *' is a cron expression of five fields; the first of six or seven is of seconds here,"
                                + " and one of the days is '?': '0 30 2 * * ?' is half past two every day");
        assertThatThrownBy(() -> LocalTimes.parse("0 30 25 * * ?", ZoneOffset.UTC))
                .hasMessageStartingWith("'0 30 25 * * ?' is not a Quartz cron expression such as '0 30 2 * * ?': ");
        assertThatThrownBy(() -> LocalTimes.parse("", ZoneOffset.UTC))
                .hasMessageStartingWith("'' is not a Quartz cron expression such as '0 30 2 * * ?': ");
        assertThat(LocalTimes.parse("0 0 0 1 1 ? 2020", ZoneOffset.UTC).next(BEGIN))
                .isEmpty();
    }

    private static LocalTimes daily(String time, ZoneId zone) {
        String[] clock = time.split(":");
        return LocalTimes.parse("0 " + Integer.parseInt(clock[1]) + " " + Integer.parseInt(clock[0]) + " * * ?", zone);
    }

    private static List<Instant> all(LocalTimes times, Instant after, Duration within) {
        List<Instant> all = new ArrayList<>();
        Instant until = after.plus(within);
        Instant next = times.next(after.minusSeconds(1)).orElse(null);
        while (next != null && next.isBefore(until)) {
            all.add(next);
            next = times.next(next).orElse(null);
        }
        return all;
    }
}

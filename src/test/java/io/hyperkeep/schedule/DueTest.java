package io.hyperkeep.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DueTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void nothing_is_due_before_its_time_and_all_is_due_at_it() {
        Schedule hourly = schedule("0 0 * * * ?", CatchUp.ONCE, Duration.ZERO);
        assertThat(Due.of(hourly, NOON, at("12:59:59"))).isEqualTo(new Due(List.of(), 0, List.of()));
        assertThat(Due.of(hourly, NOON, at("13:00:00"))).isEqualTo(new Due(List.of(), 0, List.of(at("13:00:00"))));
        assertThat(Due.of(hourly, NOON, at("13:01:00"))).isEqualTo(new Due(List.of(), 0, List.of(at("13:00:00"))));
    }

    @Test
    void of_what_was_missed_the_newest_is_caught_up_with_once_or_none_is() {
        Schedule once = schedule("0 0 * * * ?", CatchUp.ONCE, Duration.ZERO);
        assertThat(Due.of(once, NOON, at("15:30:00")))
                .isEqualTo(new Due(List.of(at("13:00:00"), at("14:00:00")), 0, List.of(at("15:00:00"))));
        Schedule none = schedule("0 0 * * * ?", CatchUp.NONE, Duration.ZERO);
        assertThat(Due.of(none, NOON, at("15:30:00")))
                .isEqualTo(new Due(List.of(at("13:00:00"), at("14:00:00"), at("15:00:00")), 0, List.of()));
        // one that is due now anyway is enough
        assertThat(Due.of(once, NOON, at("15:00:30")))
                .isEqualTo(new Due(List.of(at("13:00:00"), at("14:00:00")), 0, List.of(at("15:00:00"))));
    }

    @Test
    void of_very_many_the_newest_are_told_one_by_one() {
        Schedule often = schedule("* * * * * ?", CatchUp.NONE, Duration.ZERO);
        Due due = Due.of(often, NOON, at("12:10:00"));
        assertThat(due.fire()).hasSize(61);
        assertThat(due.missed()).hasSize(Due.MOST_MISSED).endsWith(at("12:08:59"));
        assertThat(due.dropped()).isEqualTo(600 - 61 - 100);
    }

    @Test
    void a_firing_with_jitter_is_due_when_it_begins_and_always_at_the_same_time() {
        Schedule spread = schedule("0 0 * * * ?", CatchUp.ONCE, Duration.ofMinutes(10));
        Instant begins = spread.begins(at("13:00:00"));
        assertThat(begins).isBetween(at("13:00:00"), at("13:10:00")).isEqualTo(spread.begins(at("13:00:00")));
        assertThat(Due.of(spread, NOON, begins.minusMillis(1)).fire()).isEmpty();
        assertThat(Due.of(spread, NOON, begins).fire()).containsExactly(at("13:00:00"));
        // not all at once, nor all late
        List<Duration> delays = spread.next(NOON, 100).stream()
                .map(firing -> Duration.between(firing, spread.begins(firing)))
                .toList();
        assertThat(delays).allMatch(delay -> !delay.isNegative() && delay.compareTo(Duration.ofMinutes(10)) <= 0);
        assertThat(delays.stream().mapToLong(Duration::toSeconds).average().orElse(0))
                .isBetween(240.0, 360.0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // 2026-11-22 is a Sunday
                "Mon-Fri 08:00-18:00 | 2026-11-23T08:00 | true",
                "Mon-Fri 08:00-18:00 | 2026-11-23T18:00 | false",
                "Mon-Fri 08:00-18:00 | 2026-11-22T12:00 | false",
                "Sat,Sun 00:00-24:00 | 2026-11-22T23:59 | true",
                "Sat,Sun 00:00-24:00 | 2026-11-23T00:00 | false",
                "22:00-06:00         | 2026-11-22T23:00 | true",
                "22:00-06:00         | 2026-11-22T05:59 | true",
                "22:00-06:00         | 2026-11-22T06:00 | false",
                "Sun 22:00-06:00     | 2026-11-23T05:00 | true",
                "Sun 22:00-06:00     | 2026-11-22T05:00 | false",
                "Fri-Mon 10:00-11:00 | 2026-11-22T10:30 | true",
                "Fri-Mon 10:00-11:00 | 2026-11-24T10:30 | false"
            })
    void windows_of_the_week(String window, LocalDateTime local, boolean covered) {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        assertThat(BlackoutWindow.parse(window.strip())
                        .covers(local.atZone(berlin).toInstant(), berlin))
                .isEqualTo(covered);
    }

    @Test
    void what_is_no_window_is_told_with_examples() {
        for (String text : List.of(
                "", "Mon", "Mon-Fri", "8:00-18:00", "Foo 08:00-18:00", "08:00-25:00", "Mon-Tue-Wed 01:00-02:00")) {
            assertThatThrownBy(() -> BlackoutWindow.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "'" + text
                                    + "' is not a window such as 'Mon-Fri 08:00-18:00', 'Sat,Sun 00:00-24:00' or '22:00-06:00'");
        }
    }

    private static Instant at(String time) {
        return Instant.parse("2026-11-22T" + time + "Z");
    }

    private static Schedule schedule(String expression, CatchUp catchUp, Duration jitter) {
        return new Schedule(
                "nightly",
                ScheduledJob.BACKUP,
                List.of(LocalTimes.parse(expression, ZoneOffset.UTC)),
                ZoneOffset.UTC,
                catchUp,
                jitter,
                List.of());
    }
}

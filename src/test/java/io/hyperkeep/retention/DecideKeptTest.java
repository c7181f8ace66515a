package io.hyperkeep.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.retention.SealedBackup.State;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecideKeptTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest(name = "{0} of {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                // rule        | zone          | backups, oldest first                                      | kept
                "last 2        | UTC           | 2026-11-20T02:15:00Z 2026-11-21T02:15:00Z 2026-11-22T02:15:00Z | 2 3",
                "last 5        | UTC           | 2026-11-20T02:15:00Z 2026-11-21T02:15:00Z                      | 1 2",
                // of each day the newest, and days without a backup do not count
                "daily 2       | UTC           | 2026-11-01T01:00:00Z 2026-11-05T01:00:00Z 2026-11-05T23:59:59Z | 1 3",
                // midnight belongs to the day that begins
                "daily 2       | UTC           | 2026-11-04T23:59:59Z 2026-11-05T00:00:00Z                      | 1 2",
                // in Berlin, both are of the 5th
                "daily 2       | Europe/Berlin | 2026-11-04T23:30:00Z 2026-11-05T22:30:00Z                      | 2",
                // the hour from 2 to 3 comes twice when clocks are set back: two hours, two backups
                "hourly 3      | Europe/Berlin | 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T01:45:00Z | 1 3",
                // and does not come at all when they are set forward
                "hourly 3      | Europe/Berlin | 2026-03-29T00:30:00Z 2026-03-29T01:15:00Z 2026-03-29T01:30:00Z | 1 3",
                // a day of 25 hours is one day
                "daily 3       | Europe/Berlin | 2026-10-24T22:00:00Z 2026-10-25T22:59:59Z                      | 2",
                // the leap day is a day, and the month's last
                "daily 3       | UTC           | 2028-02-28T01:00:00Z 2028-02-29T01:00:00Z 2028-03-01T01:00:00Z | 1 2 3",
                "monthly 2     | UTC           | 2028-02-28T01:00:00Z 2028-02-29T01:00:00Z 2028-03-01T01:00:00Z | 2 3",
                // Sunday ends the week; the first days of 2027 are in the last week of 2026
                "weekly 2      | UTC           | 2026-11-22T23:59:59Z 2026-11-23T00:00:00Z                      | 1 2",
                "weekly 2      | UTC           | 2026-12-31T01:00:00Z 2027-01-01T01:00:00Z 2027-01-03T01:00:00Z | 3",
                "yearly 2      | UTC           | 2025-01-01T00:00:00Z 2026-12-31T01:00:00Z 2027-01-01T01:00:00Z | 2 3",
                "within 36h    | UTC           | 2026-11-20T02:15:00Z 2026-11-20T14:15:00Z 2026-11-22T02:15:00Z | 2 3",
            })
    void a_rule_keeps(String rule, String zone, String times, String kept) {
        List<SealedBackup> backups = backups(times.split(" "));

        assertThat(DecideKept.run(rules(rule, ZoneId.of(zone)), backups).stream()
                        .filter(Decision::kept)
                        .map(decision -> decision.backup().id())
                        .sorted())
                .containsExactly(kept.split(" "));
    }

    @Test
    void every_reason_is_said_and_the_newest_comes_first() {
        RetentionRules rules = new RetentionRules(
                3,
                Duration.ofDays(2),
                Map.of(
                        Period.HOURLY, 1,
                        Period.DAILY, 3,
                        Period.WEEKLY, 2,
                        Period.MONTHLY, 2,
                        Period.YEARLY, 9),
                2,
                BERLIN);
        List<SealedBackup> backups = new ArrayList<>(backups(
                "2025-06-01T02:15:00Z",
                "2026-10-31T02:15:00Z",
                "2026-11-15T02:15:00Z",
                "2026-11-19T02:15:00Z",
                "2026-11-20T02:15:00Z",
                "2026-11-22T02:15:00Z"));
        backups.add(new SealedBackup("0", null, Instant.parse("2024-01-01T00:00:00Z"), State.GOOD, true));
        backups.add(new SealedBackup("d", null, Instant.parse("2026-11-23T00:00:00Z"), State.DAMAGED, false));

        Map<String, String> said = new LinkedHashMap<>();
        DecideKept.run(rules, backups)
                .forEach(decision ->
                        said.put(decision.backup().id(), (decision.kept() ? "kept: " : "goes: ") + decision.why()));
        assertThat(said)
                .containsExactly(
                        Map.entry("d", "kept: damaged, no rule counts it"),
                        Map.entry(
                                "6",
                                "kept: the newest good one, minimum 1 of 2, last 1 of 3, within 2d, hourly 2026-11-22 03:00+01:00,"
                                        + " daily 2026-11-22, weekly 2026-W47, monthly 2026-11, yearly 2026"),
                        Map.entry("5", "kept: minimum 2 of 2, last 2 of 3, within 2d, daily 2026-11-20"),
                        Map.entry("4", "kept: last 3 of 3, daily 2026-11-19"),
                        Map.entry("3", "kept: weekly 2026-W46"),
                        Map.entry("2", "kept: monthly 2026-10"),
                        Map.entry("1", "kept: yearly 2025"),
                        Map.entry("0", "kept: yearly 2024, pinned"));
    }

    @Test
    void a_clock_that_was_set_back_does_not_make_the_newest_the_oldest() {
        // the first three were made while the clock was a day ahead
        List<SealedBackup> backups = backups(
                "2026-11-22T02:15:00Z",
                "2026-11-23T02:15:00Z",
                "2026-11-24T02:15:00Z",
                "2026-11-24T02:14:00Z",
                "2026-11-24T14:15:00Z");

        assertThat(kept(DecideKept.run(rules("last 2", ZoneOffset.UTC), backups)))
                .extracting(SealedBackup::id)
                .containsExactly("5", "4");
        assertThat(kept(DecideKept.run(rules("within 12h", ZoneOffset.UTC), backups.subList(0, 4))))
                .extracting(SealedBackup::id)
                .containsExactly("4", "3");
        assertThat(kept(DecideKept.run(rules("daily 1", ZoneOffset.UTC), backups.subList(0, 4))))
                .extracting(SealedBackup::id)
                .containsExactly("4");
    }

    @Test
    void of_backups_of_the_same_time_the_later_id_is_the_newer() {
        Instant time = Instant.parse("2026-11-22T02:15:00Z");
        List<SealedBackup> backups = List.of("a-2", "a", "a-3").stream()
                .map(id -> new SealedBackup(id, null, time, State.GOOD, false))
                .toList();

        assertThat(DecideKept.run(rules("daily 1", ZoneOffset.UTC), backups))
                .extracting(decision -> decision.backup().id() + " " + decision.kept())
                .containsExactly("a-3 true", "a-2 false", "a false");
    }

    @Test
    void a_newer_one_that_is_not_consistent_does_not_stand_in_for_one_that_is() {
        List<SealedBackup> backups = List.of(
                new SealedBackup("1", null, Instant.EPOCH, State.GOOD, false),
                new SealedBackup("2", null, Instant.EPOCH.plusSeconds(1), State.INCONSISTENT, false),
                new SealedBackup("3", null, Instant.EPOCH.plusSeconds(2), State.INCONSISTENT, false));

        assertThat(DecideKept.run(rules("last 1", ZoneOffset.UTC), backups))
                .extracting(decision -> decision.backup().id() + ": " + decision.why())
                .containsExactly("3: last 1 of 1", "2: no rule keeps it", "1: the newest good one");
        assertThat(DecideKept.run(rules("last 1", ZoneOffset.UTC), backups.subList(1, 3)))
                .extracting(Decision::why)
                .containsExactly("the newest, none is consistent, last 1 of 1", "no rule keeps it");
    }

    @Test
    void at_least_one_has_to_stay() {
        assertThatThrownBy(() -> new RetentionRules(1, null, Map.of(), 0, ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new RetentionRules(0, null, Map.of(Period.DAILY, 0), 5, ZoneOffset.UTC).isEmpty())
                .isTrue();
        assertThat(rules("within 1h", ZoneOffset.UTC).isEmpty()).isFalse();
        assertThat(rules("yearly 1", ZoneOffset.UTC).isEmpty()).isFalse();
    }

    /** Random backups under random rules: what must hold whatever they are. */
    @Test
    void whatever_the_rules_the_best_stays_and_more_rules_never_keep_less() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            List<SealedBackup> backups = randomBackups(random);
            RetentionRules rules = randomRules(random);
            List<Decision> decisions = DecideKept.run(rules, backups);

            assertThat(decisions).as("seed %d", seed).hasSameSizeAs(backups);
            assertThat(decisions).allMatch(decision -> !decision.reasons().isEmpty());
            List<SealedBackup> kept = kept(decisions);
            State best = backups.stream()
                    .map(SealedBackup::state)
                    .min(State::compareTo)
                    .orElse(null);
            if (best != null) {
                SealedBackup newest = backups.stream()
                        .filter(backup -> backup.state() == best)
                        .max(SealedBackup.BY_AGE)
                        .orElseThrow();
                assertThat(kept).as("seed %d", seed).contains(newest);
            }
            assertThat(kept)
                    .as("seed %d", seed)
                    .containsAll(backups.stream()
                            .filter(backup -> backup.pinned() || backup.state() == State.DAMAGED)
                            .toList());
            long whole = backups.stream()
                    .filter(backup -> backup.state() != State.DAMAGED)
                    .count();
            assertThat(kept.stream()
                            .filter(backup -> backup.state() != State.DAMAGED)
                            .count())
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo(Math.min(whole, rules.minimum()));

            List<SealedBackup> shuffled = new ArrayList<>(backups);
            Collections.shuffle(shuffled, random);
            assertThat(DecideKept.run(rules, shuffled)).as("seed %d", seed).isEqualTo(decisions);
            // what is left after a prune is what the next one keeps
            assertThat(kept(DecideKept.run(rules, kept))).as("seed %d", seed).isEqualTo(kept);
            RetentionRules more = new RetentionRules(
                    rules.last() + 1, rules.within(), rules.periods(), rules.minimum() + 1, rules.zone());
            assertThat(kept(DecideKept.run(more, backups))).as("seed %d", seed).containsAll(kept);
        }
    }

    private static List<SealedBackup> kept(List<Decision> decisions) {
        return decisions.stream().filter(Decision::kept).map(Decision::backup).toList();
    }

    private static List<SealedBackup> randomBackups(Random random) {
        long span = Duration.ofDays(1 + random.nextInt(900)).toSeconds();
        long begin = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();
        return IntStream.range(0, random.nextInt(12))
                .mapToObj(i -> new SealedBackup(
                        "b" + i,
                        null,
                        Instant.ofEpochSecond(begin + (long) (random.nextDouble() * span)),
                        random.nextInt(4) == 0 ? State.values()[random.nextInt(3)] : State.GOOD,
                        random.nextInt(10) == 0))
                .toList();
    }

    private static RetentionRules randomRules(Random random) {
        Map<Period, Integer> periods = Arrays.stream(Period.values())
                .collect(Collectors.toMap(
                        period -> period, period -> random.nextInt(4), (a, b) -> a, () -> new EnumMap<>(Period.class)));
        return new RetentionRules(
                random.nextInt(4),
                random.nextBoolean() ? null : Duration.ofHours(random.nextInt(2000)),
                periods,
                1 + random.nextInt(3),
                random.nextBoolean() ? ZoneOffset.UTC : BERLIN);
    }

    private static List<SealedBackup> backups(String... times) {
        return IntStream.range(0, times.length)
                .mapToObj(
                        i -> new SealedBackup(String.valueOf(i + 1), null, Instant.parse(times[i]), State.GOOD, false))
                .toList();
    }

    private static RetentionRules rules(String rule, ZoneId zone) {
        String[] words = rule.split(" ");
        return switch (words[0]) {
            case "last" -> new RetentionRules(Integer.parseInt(words[1]), null, Map.of(), 1, zone);
            case "within" -> new RetentionRules(0, Duration.parse("PT" + words[1]), Map.of(), 1, zone);
            default ->
                new RetentionRules(
                        0,
                        null,
                        Map.of(Period.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)), Integer.parseInt(words[1])),
                        1,
                        zone);
        };
    }
}

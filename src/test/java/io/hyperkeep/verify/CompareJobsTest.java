package io.hyperkeep.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.JobEntry.Limits;
import io.hyperkeep.manifest.JobEntry.Procedure;
import io.hyperkeep.manifest.JobEntry.Schedule;
import io.hyperkeep.manifest.RowDigest;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompareJobsTest {
    private static final TableName METRICS = new TableName("app", "metrics");
    private static final Schedule DAILY = new Schedule("1 day", true, "2026-01-01 02:00:00+00", "Europe/Paris", null);
    private static final Limits LIMITS = new Limits("00:05:00", 3, "00:10:00");

    private static final JobEntry RETENTION = policy(1001, "{\"drop_after\": \"7 days\"}", true);
    private static final JobEntry TIDY = tidy(1002, "{\"n\": 1}", true);

    @Test
    void other_numbers_and_next_starts_are_no_difference() {
        JobEntry later = new JobEntry(
                2001,
                RETENTION.procedure(),
                null,
                METRICS,
                null,
                "olga",
                true,
                new Schedule("1 day", true, "2026-01-01 02:00:00+00", "Europe/Paris", "2027-01-01 00:00:00+00"),
                LIMITS,
                RETENTION.config(),
                RETENTION.relations());
        assertThat(compare(List.of(RETENTION, TIDY), List.of(tidy(2000, "{\"n\": 1}", true), later)))
                .isEmpty();
    }

    @Test
    void each_property_is_named() {
        JobEntry other = new JobEntry(
                2001,
                new Procedure("_timescaledb_functions", "policy_retention", "timescaledb"),
                new Procedure("app", "check_it", null),
                METRICS,
                "mine",
                "piet",
                false,
                new Schedule("2 days", false, null, null, null),
                new Limits("00:00:00", -1, "1 day"),
                "{\"drop_after\": \"1 day\"}",
                Map.of());
        String job = "job 1001 (policy_retention on app.metrics): ";
        assertThat(compare(List.of(RETENTION), List.of(other)))
                .containsExactly(
                        job + "has name mine, the backup has none",
                        job + "its owner is piet, not olga",
                        job + "its schedule interval is 2 days, not 1 day",
                        job + "its fixed schedule is false, not true",
                        job + "has no initial start, the backup has 2026-01-01 02:00:00+00",
                        job + "has no time zone, the backup has Europe/Paris",
                        job + "its longest runtime is 00:00:00, not 00:05:00",
                        job + "its retry limit is -1, not 3",
                        job + "its retry period is 1 day, not 00:10:00",
                        job + "its configuration is {\"drop_after\": \"1 day\"}, not {\"drop_after\": \"7 days\"}",
                        job + "its configuration's table is {}, not {hypertable_id=app.metrics}",
                        job + "has check app.check_it, the backup has none",
                        job + "its state is off, not on");
    }

    @Test
    void missing_and_extra_ones_are_named() {
        assertThat(compare(List.of(RETENTION, TIDY), List.of(TIDY)))
                .containsExactly("job 1001 (policy_retention on app.metrics): is missing");
        assertThat(compare(List.of(), List.of(RETENTION, TIDY)))
                .as("a user's own job belongs to no table")
                .containsExactly("job 1001 (policy_retention on app.metrics): is not in the backup");
        JobEntry elsewhere = new JobEntry(
                1003,
                RETENTION.procedure(),
                null,
                new TableName("app", "other"),
                null,
                "olga",
                true,
                DAILY,
                LIMITS,
                null,
                Map.of());
        assertThat(compare(List.of(), List.of(elsewhere))).isEmpty();
    }

    @Test
    void two_jobs_of_one_procedure_are_paired_by_what_they_do() {
        JobEntry second = tidy(1003, "{\"n\": 2}", false);
        assertThat(compare(List.of(TIDY, second), List.of(tidy(7, "{\"n\": 2}", false), tidy(8, "{\"n\": 1}", true))))
                .isEmpty();
        assertThat(compare(List.of(TIDY, second), List.of(tidy(7, "{\"n\": 2}", true), tidy(8, "{\"n\": 1}", true))))
                .containsExactly("job 1003 (app.tidy): its state is on, not off");
        assertThat(compare(List.of(TIDY, TIDY), List.of(TIDY))).containsExactly("job 1002 (app.tidy): is missing");
        JobEntry twin = tidy(1004, "{\"n\": 1}", false);
        assertThat(compare(List.of(TIDY, twin), List.of(tidy(7, "{\"n\": 1}", false), tidy(8, "{\"n\": 1}", true))))
                .as("twins, one of which is on")
                .isEmpty();
    }

    @Test
    void jobs_that_are_to_be_off_are_found_on() {
        JobEntry off = tidy(8, "{\"n\": 1}", false);
        assertThat(compare(List.of(TIDY), List.of(off), JobState.OFF, false)).isEmpty();
        assertThat(compare(List.of(TIDY), List.of(TIDY), JobState.OFF, false))
                .containsExactly("job 1002 (app.tidy): its state is on, not off");
        assertThat(compare(List.of(TIDY), List.of(off), JobState.ANY, false)).isEmpty();
    }

    @Test
    void where_nothing_else_may_be_a_users_own_job_is_extra() {
        assertThat(compare(List.of(), List.of(TIDY), JobState.AS_IN_SOURCE, true))
                .containsExactly("job 1002 (app.tidy): is not in the backup");
    }

    private static List<String> compare(List<JobEntry> expected, List<JobEntry> found) {
        return compare(expected, found, JobState.AS_IN_SOURCE, false);
    }

    private static List<String> compare(
            List<JobEntry> expected, List<JobEntry> found, JobState state, boolean nothingElse) {
        TableEntry metrics = new TableEntry(
                METRICS,
                TableEntry.Kind.HYPERTABLE,
                "olga",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                0,
                RowDigest.NONE);
        return new CompareJobs()
                        .compare(
                                new Expected(
                                        CompareStructureTest.manifest(),
                                        List.of(metrics),
                                        List.of(),
                                        List.of(),
                                        new Expected.Jobs(expected, state),
                                        Set.of(),
                                        nothingElse,
                                        nothingElse,
                                        true),
                                new Inventory(
                                        CompareStructureTest.source(),
                                        new ServerCapabilities(17, "public", true, true, true, true, true, true, true),
                                        Set.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        found))
                        .stream()
                        .map(Finding::toString)
                        .toList();
    }

    private static JobEntry policy(long id, @Nullable String config, boolean scheduled) {
        return new JobEntry(
                id,
                new Procedure("_timescaledb_functions", "policy_retention", "timescaledb"),
                null,
                METRICS,
                null,
                "olga",
                scheduled,
                DAILY,
                LIMITS,
                config,
                Map.of("hypertable_id", METRICS));
    }

    private static JobEntry tidy(long id, @Nullable String config, boolean scheduled) {
        return new JobEntry(
                id,
                new Procedure("app", "tidy", null),
                null,
                null,
                null,
                "olga",
                scheduled,
                DAILY,
                LIMITS,
                config,
                Map.of());
    }
}

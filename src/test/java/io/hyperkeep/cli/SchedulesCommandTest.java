package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the configuration alone: there is no record of runs, and no daemon. */
class SchedulesCommandTest {
    @TempDir
    Path folder;

    CommandFixture line;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
        line.clock = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
        line.config("""
                databases: {a: {uri: 'postgresql://h/a'}}
                plans:
                  nightly:
                    database: a
                    repository: ./r
                    zone: America/New_York
                    schedule: ['0 30 2 * * ?', '0 0 12 ? * SUN']
                    verify-schedule: '0 0 5 1 * ?'
                  unscheduled: {database: a, repository: ./r}
                """);
    }

    @Test
    void next_firings_in_utc_and_in_their_zone() {
        assertThat(line.run("schedules", "--limit", "2")).isEqualTo(new Ended(0, """
                PLAN     JOB     NEXT                  IN ITS ZONE                                        LAST
                nightly  backup  2026-11-22 17:00:00Z  Sun 2026-11-22 12:00:00 -05:00 America/New_York    -
                                 2026-11-23 07:30:00Z  Mon 2026-11-23 02:30:00 -05:00 America/New_York
                nightly  verify  2026-12-01 10:00:00Z  Tue 2026-12-01 05:00:00 -05:00 America/New_York    -
                                 2027-01-01 10:00:00Z  Fri 2027-01-01 05:00:00 -05:00 America/New_York
                """, ""));
    }

    @Test
    void the_same_for_scripts() {
        assertThat(line.run("schedules", "--limit", "1", "--output", "json").out())
                .isEqualTo("""
                {
                  "schedules" : [ {
                    "plan" : "nightly",
                    "job" : "backup",
                    "schedule" : [ "0 30 2 * * ?", "0 0 12 ? * SUN" ],
                    "zone" : "America/New_York",
                    "jitterSeconds" : 0,
                    "next" : [ "2026-11-22T17:00:00Z" ],
                    "nextLocal" : [ "2026-11-22T12:00-05:00" ],
                    "last" : null
                  }, {
                    "plan" : "nightly",
                    "job" : "verify",
                    "schedule" : [ "0 0 5 1 * ?" ],
                    "zone" : "America/New_York",
                    "jitterSeconds" : 0,
                    "next" : [ "2026-12-01T10:00:00Z" ],
                    "nextLocal" : [ "2026-12-01T05:00-05:00" ],
                    "last" : null
                  } ]
                }
                """);
    }

    @Test
    void without_schedules_it_says_so() {
        line.config("{}");
        assertThat(line.run("schedules")).isEqualTo(new Ended(0, "no schedules\n", ""));
    }
}

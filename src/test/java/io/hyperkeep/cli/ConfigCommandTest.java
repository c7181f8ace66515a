package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    @TempDir
    Path folder;

    CommandFixture line;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
    }

    @Test
    void the_example_is_a_configuration() {
        Ended example = line.run("config", "example");
        line.config(example.out());

        assertThat(example.exitCode()).isZero();
        assertThat(line.run("config", "check")).isEqualTo(new Ended(0, """
                FOLDER/home/hyperkeep.yml is valid
                  databases: metrics
                  repositories: nas
                  plans: nightly
                """, ""));
    }

    @Test
    void without_a_file_it_says_where_it_looked() {
        assertThat(line.run("config", "check")).isEqualTo(new Ended(0, """
                no configuration file; looked for FOLDER/home/hyperkeep.yml, /etc/hyperkeep/hyperkeep.yml
                  databases: none
                  repositories: none
                  plans: none
                """, ""));
    }

    @Test
    void schedules_that_a_change_of_clocks_skips_or_doubles_are_named_with_their_dates() {
        line.clock = java.time.Clock.fixed(java.time.Instant.parse("2026-11-22T12:00:00Z"), java.time.ZoneOffset.UTC);
        line.config("""
                databases: {a: {uri: 'postgresql://h/a'}}
                plans:
                  nightly: {database: a, repository: ./r, zone: Europe/Berlin, schedule: ['0 30 2 * * ?', '0 0 12 * * ?']}
                """);

        assertThat(line.run("config", "check")).isEqualTo(new Ended(0, """
                FOLDER/home/hyperkeep.yml is valid
                  databases: a
                  repositories: none
                  plans: nightly
                warning: schedule nightly/backup, '0 30 2 * * ?': 2027-03-28 02:30 in Europe/Berlin does not exist, as clocks \
                go forward; it fires at 03:00 +02:00, once
                warning: schedule nightly/backup, '0 30 2 * * ?': 2027-10-31 02:30 in Europe/Berlin comes twice, as clocks go \
                back; it fires at 02:30 +02:00, once
                """, ""));
    }

    @Test
    void what_is_wrong_with_schedules_is_told_with_its_line() {
        line.config("""
                databases: {a: {uri: 'postgresql://h/a'}}
                plans:
                  nightly:
                    database: a
                    repository: ./r
                    schedule: '30 2 * * *'
                    verify-schedule: '0 0 0 30 2 ?'
                    drill-schedule: '0 0 3 ? * SUN'
                    prune-schedule: '0 0 4 * * ?'
                    blackout: [08-18]
                    jitter: 2d
                    catch-up: twice
                    timeout: 0s
                """);

        assertThat(line.run("config", "check").err()).isEqualTo("""
                hyperkeep: the configuration has 8 problems:
                  FOLDER/home/hyperkeep.yml:6: plans.nightly.schedule: '30 2 * * *' is a cron expression of five fields; the \
                first of six or seven is of seconds here, and one of the days is '?': '0 30 2 * * ?' is half past two every day
                  FOLDER/home/hyperkeep.yml:7: plans.nightly.verify-schedule: '0 0 0 30 2 ?' never fires
                  FOLDER/home/hyperkeep.yml:8: plans.nightly.drill-schedule: a scheduled drill needs a server to restore on: \
                drill-server is missing
                  FOLDER/home/hyperkeep.yml:9: plans.nightly.prune-schedule: a scheduled prune needs a rule that says which \
                backups to keep: retention
                  FOLDER/home/hyperkeep.yml:10: plans.nightly.blackout: '08-18' is not a window such as 'Mon-Fri 08:00-18:00', \
                'Sat,Sun 00:00-24:00' or '22:00-06:00'
                  FOLDER/home/hyperkeep.yml:11: plans.nightly.jitter: '2d' is not a duration from 0s to 1d
                  FOLDER/home/hyperkeep.yml:12: plans.nightly.catch-up: 'twice' is not one of once, none
                  FOLDER/home/hyperkeep.yml:13: plans.nightly.timeout: '0s' is not a duration from 1s to 30d
                HINT: `hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.
                """);
    }

    @Test
    void a_wrong_one_is_exit_code_2() {
        line.config("plans: {nightly: {jobs: 0}}");

        assertThat(line.run("config", "check")).isEqualTo(new Ended(2, "", """
                hyperkeep: the configuration has 3 problems:
                  plans.nightly.database: this key is missing
                  plans.nightly.repository: this key is missing
                  FOLDER/home/hyperkeep.yml:1: plans.nightly.jobs: '0' is not a whole number from 1 to 64
                HINT: `hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.
                """));
    }

    @Test
    void what_is_in_force_and_where_it_is_from() {
        line.config("databases: {prod: {uri: 'postgresql://h/x', password-command: [pass, s3cret]}}");
        line.environment.put("HYPERKEEP_JOBS", "4");

        Ended shown = line.run("config", "show", "--config", "home/hyperkeep.yml");
        assertThat(shown.out())
                .contains("flag --config", "environment HYPERKEEP_JOBS", "environment HYPERKEEP_HOME", "pass ***")
                .doesNotContain("s3cret");
        assertThat(line.run("config", "show", "--output", "json").out())
                .contains(
                        "\"key\" : \"defaults.jobs\",\n    \"value\" : \"4\",\n    \"origin\" : \"environment HYPERKEEP_JOBS\"");
    }
}

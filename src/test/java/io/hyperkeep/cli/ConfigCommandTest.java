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

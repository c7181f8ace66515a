package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.config.LoggingSettings.Format;
import io.hyperkeep.config.LoggingSettings.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of monitoring: how log lines are written, and how old a backup may become. */
class LoggingAndFreshnessTest {
    private static final String PLANS = """
            databases: {a: {uri: 'postgresql://db/a'}}
            repositories: {nas: /mnt/nas}
            plans:
              daily: {database: a, repository: nas, freshness: 26h}
              never: {database: a, repository: nas, freshness: none}
              other: {database: a, repository: nas}
            """;

    @TempDir
    Path folder;

    @Test
    void the_environment_is_stronger_than_the_file_and_the_file_than_what_is_built_in() {
        String yaml = "logging: {format: json, level: warn}\n";

        assertThat(fixture(Map.of()).load("home: /srv").logging())
                .isEqualTo(new LoggingSettings(Format.TEXT, Level.INFO));
        assertThat(fixture(Map.of("HYPERKEEP_LOGGING_LEVEL", "debug"))
                        .load(yaml)
                        .logging())
                .isEqualTo(new LoggingSettings(Format.JSON, Level.DEBUG));
    }

    @Test
    void freshness_is_a_duration_or_what_the_schedule_says_or_none() {
        ResolvePlan plans = fixture(Map.of()).plans(PLANS);

        assertThat(plans.freshness("daily")).isEqualTo(new Freshness(false, Duration.ofHours(26)));
        assertThat(plans.freshness("never")).isEqualTo(Freshness.NONE);
        assertThat(plans.freshness("other")).isEqualTo(Freshness.OF_SCHEDULE);
    }

    @Test
    void what_can_not_be_is_told_with_its_line() {
        assertThatThrownBy(() -> fixture(Map.of()).load(PLANS.replace("26h", "soon") + """
                        logging:
                          format: jsn
                          level: trace
                          colour: red
                        """))
                .hasMessage("""
                        the configuration has 4 problems:
                          FILE:4: plans.daily.freshness: 'soon' is not a duration such as 500ms, 60s, 5m or 2h, nor schedule or none
                          FILE:8: logging.format: 'jsn' is not one of text, json; did you mean 'json'?
                          FILE:9: logging.level: 'trace' is not one of error, warn, info, debug
                          FILE:10: logging.colour: there is no such key""".replace("FILE", folder + "/hyperkeep.yml"));
    }

    private ConfigFixture fixture(Map<String, String> environment) {
        return new ConfigFixture(folder, environment);
    }
}

package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleFileTest {
    @TempDir
    Path folder;

    @Test
    void it_loads_as_it_is() {
        Configuration configuration = new ConfigFixture(folder, Map.of()).load(ExampleFile.text());

        assertThat(configuration.plans()).containsOnlyKeys("nightly");
        assertThat(configuration.metadata()).isEqualTo(MetadataSettings.EMBEDDED);
    }

    @Test
    void it_loads_with_its_commented_keys_too() {
        // the two sources of a password exclude each other
        String uncommented = ExampleFile.text()
                .replaceAll("(?m)^( *)#([a-z-]+: )", "$1$2")
                .replaceAll("(?m)^ *password-command: .*$", "");
        Configuration configuration = new ConfigFixture(folder, Map.of("CHAT_TOKEN", "t")).load(uncommented);

        assertThat(configuration.metadata().user()).isEqualTo("hyperkeep");
        assertThat(configuration.databases().get("metrics").clientTools()).isNotNull();
    }

    @Test
    void every_key_is_in_it() {
        Stream<String> planKeys = Arrays.stream(PlanKey.values()).map(PlanKey::key);
        Stream<String> keys = Stream.of(
                        LoadConfiguration.TOP,
                        LoadConfiguration.METADATA,
                        LoadConfiguration.DATABASE,
                        ReadLogging.KEYS,
                        ReadServe.SERVE,
                        ReadServe.MANAGEMENT,
                        ReadReceivers.KEYS,
                        AroundBackup.HOOK_KEYS)
                .flatMap(Set::stream);
        assertThat(Stream.concat(planKeys, keys)).allSatisfy(key -> assertThat(ExampleFile.text())
                .containsPattern(Pattern.compile("^ *#?" + key + ":", Pattern.MULTILINE)));
    }

    @Test
    void every_environment_variable_is_in_it() {
        assertThat(Arrays.stream(PlanKey.values()).map(PlanKey::variable))
                .allSatisfy(variable -> assertThat(ExampleFile.text()).contains(variable));
    }

    @Test
    void the_defaults_in_it_are_the_defaults() {
        PlanLayer defaults =
                new ConfigFixture(folder, Map.of()).load(ExampleFile.text()).defaults();

        assertThat(defaults.values().entrySet())
                // database, repository, drill-server, timeout and keep-within have none
                .hasSize(PlanKey.values().length - 5)
                .allSatisfy(entry -> {
                    PlanKey key = entry.getKey();
                    assertThat(entry.getValue().text())
                            .isEqualTo(key == PlanKey.COMPRESSION_LEVEL ? "1" : key.standard());
                });
    }
}

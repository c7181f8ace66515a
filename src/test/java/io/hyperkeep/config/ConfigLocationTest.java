package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLocationTest {
    @TempDir
    Path folder;

    @Test
    void the_flag_then_the_variable_then_the_home_folder() throws IOException {
        Paths paths = new Paths(folder, folder);
        Path home = Files.createDirectories(folder.resolve(".hyperkeep"));
        Map<String, String> variable = Map.of("HYPERKEEP_CONFIG", "v.yml");

        assertThat(ConfigLocation.find(null, Map.of(), paths).lookedAt())
                .containsExactly(home.resolve("hyperkeep.yml"), Path.of("/etc/hyperkeep/hyperkeep.yml"));
        Files.createFile(home.resolve("hyperkeep.yml"));
        Files.createFile(folder.resolve("hyperkeep.yml"));
        assertThat(ConfigLocation.find(null, Map.of(), paths).file()).isEqualTo(home.resolve("hyperkeep.yml"));
        assertThat(ConfigLocation.find(null, variable, paths).file()).isEqualTo(folder.resolve("v.yml"));
        assertThat(ConfigLocation.find("f.yml", variable, paths).file()).isEqualTo(folder.resolve("f.yml"));
        assertThat(ConfigLocation.find(null, Map.of("HYPERKEEP_HOME", "state"), paths)
                        .lookedAt()
                        .get(0))
                .isEqualTo(folder.resolve("state/hyperkeep.yml"));
    }
}

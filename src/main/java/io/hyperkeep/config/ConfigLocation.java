package io.hyperkeep.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the configuration file is: {@code --config}, else {@code HYPERKEEP_CONFIG}, else {@code hyperkeep.yml} in the
 * home folder, else {@code /etc/hyperkeep/hyperkeep.yml}; else there is none and the defaults hold.
 *
 * <p>The current folder is not looked at: a file there may be somebody else's, and a configuration can name programs to
 * run.
 *
 * @param file the file, or null when there is none
 * @param lookedAt where it was looked for, in order
 * @param home the home folder, as far as it is known without the file
 * @param paths resolves paths of flags and the environment
 */
public record ConfigLocation(@Nullable Path file, List<Path> lookedAt, Path home, Paths paths) {
    private static final Path SYSTEM_WIDE = Path.of("/etc/hyperkeep/hyperkeep.yml");

    /**
     * Looks for the file.
     *
     * @param flag the value of {@code --config}, or null
     * @param environment the process's environment
     * @param paths resolves relative paths
     */
    public static ConfigLocation find(@Nullable String flag, Map<String, String> environment, Paths paths) {
        String given = environment.getOrDefault("HYPERKEEP_HOME", "");
        Path home = given.isEmpty() ? paths.userHome().resolve(".hyperkeep") : paths.resolve(given);
        String named = flag != null ? flag : environment.getOrDefault("HYPERKEEP_CONFIG", "");
        if (!named.isEmpty()) {
            // whether it exists is not asked: a file that was named and is not there is a problem to be told
            Path file = paths.resolve(named);
            return new ConfigLocation(file, List.of(file), home, paths);
        }
        List<Path> places =
                Stream.of(home.resolve("hyperkeep.yml"), SYSTEM_WIDE).toList();
        return new ConfigLocation(
                places.stream().filter(Files::exists).findFirst().orElse(null), places, home, paths);
    }
}

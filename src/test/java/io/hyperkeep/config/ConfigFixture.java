package io.hyperkeep.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A configuration file in a folder of its own, and an environment. */
record ConfigFixture(Path folder, Map<String, String> environment) {
    Configuration load(String yaml) {
        return loading().load(location(yaml));
    }

    ConfigLocation location(String yaml) {
        try {
            Path file = Files.writeString(folder.resolve("hyperkeep.yml"), yaml);
            return ConfigLocation.find(file.toString(), environment, paths());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LoadConfiguration loading() {
        return new LoadConfiguration(environment, uris());
    }

    ResolvePlan plans(String yaml) {
        return new ResolvePlan(load(yaml), uris());
    }

    ReadUri uris() {
        return new ReadUri(environment, folder.resolve("home/olga"));
    }

    Paths paths() {
        return new Paths(folder.resolve("home/olga"), folder.resolve("cwd"));
    }
}

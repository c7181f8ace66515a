package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.schedule.ClockWarnings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code config check}: validates the file; its problems are told as those of every command are. */
@Command(name = "check", description = "Validate the configuration file: exit code 0 or 2.")
final class ConfigCheckCommand implements Callable<Integer> {
    private final Session session;

    ConfigCheckCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Configuration configuration = session.configuration();
        Path file = configuration.location().file();
        List<String> lookedAt =
                configuration.location().lookedAt().stream().map(Path::toString).toList();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("file", file == null ? null : file.toString());
        document.put("lookedAt", lookedAt);
        document.put("databases", List.copyOf(configuration.databases().keySet()));
        document.put("repositories", List.copyOf(configuration.repositories().keySet()));
        document.put("plans", List.copyOf(configuration.plans().keySet()));
        List<String> warnings = new ClockWarnings(session.surroundings().clock())
                .of(session.plans().schedules());
        document.put("warnings", warnings);
        session.results()
                .print(
                        document,
                        () -> (file == null
                                        ? "no configuration file; looked for " + String.join(", ", lookedAt)
                                        : file + " is valid")
                                + System.lineSeparator()
                                + names("databases", configuration.databases())
                                + names("repositories", configuration.repositories())
                                + names("plans", configuration.plans())
                                + lines(warnings));
        return 0;
    }

    private static String lines(List<String> warnings) {
        return warnings.stream()
                .map(warning -> "warning: " + warning + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private static String names(String what, Map<String, ?> named) {
        String names = named.isEmpty() ? "none" : named.keySet().stream().collect(Collectors.joining(", "));
        return "  " + what + ": " + names + System.lineSeparator();
    }
}

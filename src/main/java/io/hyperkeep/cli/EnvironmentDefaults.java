package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Reads options that were not given from HYPERKEEP_ variables. */
final class EnvironmentDefaults implements IDefaultValueProvider {
    // these have a place in the configuration too, so io.hyperkeep.config lays their places over each other
    private static final Set<String> RESOLVED_LATER = Stream.concat(
                    Arrays.stream(PlanKey.values()).map(PlanKey::flag),
                    Stream.of(
                            "--config",
                            "--password-file",
                            "--password-command",
                            "--client-tools",
                            "--help",
                            "--version"))
            .collect(Collectors.toUnmodifiableSet());

    private final Map<String, String> environment;

    EnvironmentDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || RESOLVED_LATER.contains(option.longestName())) {
            return null;
        }
        String value = environment.getOrDefault(variable(option.longestName()), "");
        return value.isEmpty() ? null : value;
    }

    static String variable(String flag) {
        return "HYPERKEEP_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
    }
}

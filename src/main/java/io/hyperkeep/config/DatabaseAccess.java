package io.hyperkeep.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line or the environment says about reaching the one database of a command.
 *
 * @param passwordFile a file whose first line is the password, or null
 * @param passwordCommand a shell command that prints the password, or null
 * @param clientTools folder of pg_dump and psql, or null
 */
public record DatabaseAccess(
        @Nullable Given passwordFile,
        @Nullable Given passwordCommand,
        @Nullable Given clientTools) {
    /** Nothing said. */
    public static final DatabaseAccess NONE = new DatabaseAccess(null, null, null);

    /** The flags where they were given, else the environment. */
    public static DatabaseAccess of(
            @Nullable String passwordFile,
            @Nullable String passwordCommand,
            @Nullable String clientTools,
            Map<String, String> environment) {
        Given file = given("--password-file", passwordFile, environment);
        Given command = given("--password-command", passwordCommand, environment);
        // a flag replaces whichever of the two the environment has
        if (file != null && command != null && file.origin() != command.origin()) {
            file = passwordFile == null ? null : file;
            command = passwordCommand == null ? null : command;
        }
        return new DatabaseAccess(file, command, given("--client-tools", clientTools, environment));
    }

    private static @Nullable Given given(String flag, @Nullable String text, Map<String, String> environment) {
        if (text != null) {
            return Given.flag(flag, List.of(text));
        }
        String variable = "HYPERKEEP_" + flag.substring(2).replace('-', '_').toUpperCase(java.util.Locale.ROOT);
        String value = environment.getOrDefault(variable, "");
        return value.isEmpty() ? null : Given.variable(variable, List.of(value));
    }
}

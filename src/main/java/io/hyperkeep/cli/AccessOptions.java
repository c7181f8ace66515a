package io.hyperkeep.cli;

import io.hyperkeep.config.DatabaseAccess;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say how to reach the one database of a command. */
final class AccessOptions {
    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "File whose first line is the database's password; default: PGPASSWORD, then ~/.pgpass.")
    @Nullable
    String passwordFile;

    @Option(
            names = "--password-command",
            paramLabel = "COMMAND",
            description = "Shell command that prints the database's password.")
    @Nullable
    String passwordCommand;

    @Option(
            names = "--client-tools",
            paramLabel = "DIR",
            description = "Folder of pg_dump and psql; default: the newest that is installed.")
    @Nullable
    String clientTools;

    DatabaseAccess access(Map<String, String> environment) {
        return DatabaseAccess.of(passwordFile, passwordCommand, clientTools, environment);
    }
}

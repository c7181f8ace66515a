package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.secret.ReadSecret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gets a database's password from where its settings say. Thread-safe. */
final class FindPassword {
    private static final ReadSecret READ = new ReadSecret("password");
    // long enough for all the workers of a run to start with one call, short enough for tokens that expire
    private static final long COMMAND_REUSE_NANOS = Duration.ofSeconds(60).toNanos();

    private final PasswordSource source;
    private final Map<String, String> environment;
    private final Path home;

    private @Nullable String fromCommand;
    private long fromCommandNanos;

    FindPassword(PasswordSource source, Map<String, String> environment, Path home) {
        this.source = source;
        this.environment = environment;
        this.home = home;
    }

    /**
     * The password, or null when none is configured and libpq's sources have none for this address: the server may not
     * ask for one.
     *
     * @throws BackupException CONFIGURATION when the configured file or command does not give one
     */
    @Nullable
    String find(DatabaseAddress address) {
        if (source.file() != null) {
            return READ.firstLine(source.file());
        }
        if (source.command() != null) {
            return fromCommand(source.command());
        }
        String variable = environment.get("PGPASSWORD");
        return variable != null && !variable.isEmpty() ? variable : fromPasswordFile(address);
    }

    private synchronized String fromCommand(List<String> command) {
        if (fromCommand != null && System.nanoTime() - fromCommandNanos < COMMAND_REUSE_NANOS) {
            return fromCommand;
        }
        fromCommand = READ.printedBy(command, environment);
        fromCommandNanos = System.nanoTime();
        return fromCommand;
    }

    private @Nullable String fromPasswordFile(DatabaseAddress address) {
        String variable = environment.getOrDefault("PGPASSFILE", "");
        Path file = variable.isEmpty() ? home.resolve(".pgpass") : Path.of(variable);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        // libpq ignores such a file with a warning and then says that no password was given: this says why
        return PasswordFile.find(READ.lines(file), address);
    }
}

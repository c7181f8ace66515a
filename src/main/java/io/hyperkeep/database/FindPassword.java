package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gets a database's password from where its settings say. Thread-safe. */
final class FindPassword {
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
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
            return fromFile(source.file());
        }
        if (source.command() != null) {
            return fromCommand(source.command());
        }
        String variable = environment.get("PGPASSWORD");
        return variable != null && !variable.isEmpty() ? variable : fromPasswordFile(address);
    }

    private String fromFile(Path file) {
        requirePrivate(file);
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw failed("the password file " + file + " can not be read", "it must exist and belong to this user.");
        }
        if (lines.isEmpty() || lines.get(0).isEmpty()) {
            throw failed("the password file " + file + " has no password on its first line", null);
        }
        return lines.get(0);
    }

    private static void requirePrivate(Path file) {
        if (Files.exists(file) && !isPrivate(file)) {
            throw failed("the password file " + file + " can be read by others than its owner", "chmod 600 " + file);
        }
    }

    private synchronized String fromCommand(List<String> command) {
        if (fromCommand != null && System.nanoTime() - fromCommandNanos < COMMAND_REUSE_NANOS) {
            return fromCommand;
        }
        fromCommand = runCommand(command);
        fromCommandNanos = System.nanoTime();
        return fromCommand;
    }

    private String runCommand(List<String> command) {
        String what = "the password command " + command.get(0) + " ";
        String hint = "run it by hand, as this user, to see why; it has to print the password on its first line.";
        try {
            // what it writes to standard error is dropped, since it might be the secret
            ExternalProcess.Outcome outcome =
                    ExternalProcess.run(command, environment, null, null, 64 << 10, line -> {}, COMMAND_TIMEOUT);
            if (outcome.exitCode() != 0) {
                throw failed(what + "failed with exit code " + outcome.exitCode(), hint);
            }
            String password = outcome.output().lines().findFirst().orElse("");
            if (password.isEmpty()) {
                throw failed(what + "printed no password", hint);
            }
            return password;
        } catch (IOException e) {
            throw failed(what + "can not be started", hint);
        } catch (ExternalProcess.TimedOut e) {
            throw failed(what + "did not end within " + COMMAND_TIMEOUT.toSeconds() + " seconds", hint);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(Problem.INTERRUPTED, "interrupted while waiting for the password command", null);
        }
    }

    private @Nullable String fromPasswordFile(DatabaseAddress address) {
        String variable = environment.getOrDefault("PGPASSFILE", "");
        Path file = variable.isEmpty() ? home.resolve(".pgpass") : Path.of(variable);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        // libpq ignores such a file with a warning and then says that no password was given: this says why
        requirePrivate(file);
        try {
            return PasswordFile.find(Files.readAllLines(file, StandardCharsets.UTF_8), address);
        } catch (IOException e) {
            throw failed("the password file " + file + " can not be read", "it must belong to this user.");
        }
    }

    private static boolean isPrivate(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.stream().allMatch(permission -> permission.name().startsWith("OWNER"));
        } catch (IOException | UnsupportedOperationException e) {
            return true; // reading it will tell; file systems without modes have nothing to check
        }
    }

    private static BackupException failed(String what, @Nullable String hint) {
        return new BackupException(Problem.CONFIGURATION, what, hint);
    }
}

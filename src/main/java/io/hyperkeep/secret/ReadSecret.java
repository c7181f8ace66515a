package io.hyperkeep.secret;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.process.ExternalProcess;
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

/** Reads a secret from a private file or from what a command prints. Thread-safe: it has no state. */
public final class ReadSecret {
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);

    private final String what;

    /** @param what what it is, for messages: {@code password} */
    public ReadSecret(String what) {
        this.what = what;
    }

    /**
     * The first line of a file that nobody but its owner can read.
     *
     * @throws BackupException CONFIGURATION when there is none
     */
    public String firstLine(Path file) {
        List<String> lines = lines(file);
        if (lines.isEmpty() || lines.get(0).isEmpty()) {
            throw failed("the " + what + " file " + file + " has no " + what + " on its first line", null);
        }
        return lines.get(0);
    }

    /**
     * The lines of a file that nobody but its owner can read.
     *
     * @throws BackupException CONFIGURATION when it can not be read
     */
    public List<String> lines(Path file) {
        requirePrivate(file);
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw failed(
                    "the " + what + " file " + file + " can not be read", "it must exist and belong to this user.");
        }
    }

    /** @throws BackupException CONFIGURATION when others than its owner can read the file */
    public void requirePrivate(Path file) {
        if (Files.exists(file) && !isPrivate(file)) {
            throw failed(
                    "the " + what + " file " + file + " can be read by others than its owner", "chmod 600 " + file);
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

    /**
     * The first line that a command prints.
     *
     * @param command program and arguments
     * @param environment the program's whole environment
     * @throws BackupException CONFIGURATION when it prints none, fails or takes too long; INTERRUPTED when this thread is
     *     interrupted
     */
    public String printedBy(List<String> command, Map<String, String> environment) {
        String told = "the " + what + " command " + command.get(0) + " ";
        String hint = "run it by hand, as this user, to see why; it has to print the " + what + " on its first line.";
        try {
            // what it writes to standard error is dropped, since it might be the secret
            ExternalProcess.Outcome outcome =
                    ExternalProcess.run(command, environment, null, null, 64 << 10, line -> {}, COMMAND_TIMEOUT);
            if (outcome.exitCode() != 0) {
                throw failed(told + "failed with exit code " + outcome.exitCode(), hint);
            }
            String secret = outcome.output().lines().findFirst().orElse("");
            if (secret.isEmpty()) {
                throw failed(told + "printed no " + what, hint);
            }
            return secret;
        } catch (IOException e) {
            throw failed(told + "can not be started", hint);
        } catch (ExternalProcess.TimedOut e) {
            throw failed(told + "did not end within " + COMMAND_TIMEOUT.toSeconds() + " seconds", hint);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(
                    Problem.INTERRUPTED, "interrupted while waiting for the " + what + " command", null);
        }
    }

    private static BackupException failed(String what, @Nullable String hint) {
        return new BackupException(Problem.CONFIGURATION, what, hint);
    }
}

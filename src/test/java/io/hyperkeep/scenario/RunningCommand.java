package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.Hyperkeep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The program in a process of its own, with real signals and a heap of its own. */
public final class RunningCommand implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Operator operator;
    private final Process process;
    private final Path out;
    private final Path err;

    private RunningCommand(Operator operator, Process process, Path out, Path err) {
        this.operator = operator;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** @param prefix what runs Java, such as {@code setpriv …}; nothing for Java itself */
    static RunningCommand start(Operator operator, List<String> prefix, List<String> javaOptions, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // a short start counts more than a fast hour here
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Hyperkeep.class.getName()));
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(operator.folder, "command", ".out");
            Path err = Files.createTempFile(operator.folder, "command", ".err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(operator.folder.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(operator.environment);
            return new RunningCommand(operator, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end. */
    public Operator.Ended end() {
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("the command ends; so far it said: %s", err())
                    .isTrue();
            return new Operator.Ended(process.exitValue(), Files.readString(out), operator.visible(err()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it said on standard error so far. */
    public String err() {
        try {
            return Files.readString(err, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a signal and waits for the end that it brings. */
    public record Stopped(Operator.Ended ended, Duration after) {}

    public Stopped stop(String signal) {
        send(signal);
        Instant sent = Instant.now();
        return new Stopped(end(), Duration.between(sent, Instant.now()));
    }

    /** Kills it at this very moment, as the kernel does when memory is short, and waits until it is gone. */
    public Operator.Ended kill() {
        process.destroyForcibly();
        return end();
    }

    private void send(String signal) {
        try {
            // a signal that was ignored when this JVM was started stays ignored in its children
            String ignored = Files.readString(Path.of("/proc/" + process.pid() + "/status"))
                    .lines()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .findFirst()
                    .orElseThrow();
            long mask = Long.parseUnsignedLong(ignored.substring(7).strip(), 16);
            Assumptions.assumeFalse(signal.equals("INT") && (mask & 2) != 0, "SIGINT is ignored in this build");
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package io.hyperkeep.process;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program to its end. Both of its outputs are read all the time, so that it never blocks on a full pipe, and when
 * the call ends early, by the timeout or an interrupt, the program ends too with all that it has started. Thread-safe: it
 * has no state.
 */
public final class ExternalProcess {
    private static final long GRACE_MILLIS = 5_000;

    private ExternalProcess() {}

    /**
     * How it ended.
     *
     * @param exitCode its exit code
     * @param output what it printed, when not sent to a file
     * @param truncated whether it printed more than was kept, or something that it started may still print
     */
    public record Outcome(int exitCode, String output, boolean truncated) {}

    /** Reads what a program prints, on a thread of its own, while the program runs. */
    @FunctionalInterface
    public interface Reading {
        /** @param printed the program's standard output, which the caller closes */
        void read(InputStream printed) throws IOException, InterruptedException;
    }

    /** It did not end within its time and was stopped. */
    public static final class TimedOut extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @param command program and arguments
     * @param environment the program's whole environment
     * @param input its standard input, or null for none
     * @param output where its standard output goes, or null to keep it
     * @param keep how many bytes of standard output to keep
     * @param errors gets its standard error, line by line, on another thread
     * @param timeout after which it is stopped
     * @throws IOException when it can not be started
     * @throws TimedOut when it took longer
     * @throws InterruptedException when this thread was interrupted; the program has ended then
     */
    public static Outcome run(
            List<String> command,
            Map<String, String> environment,
            @Nullable Path input,
            @Nullable Path output,
            int keep,
            Consumer<String> errors,
            Duration timeout)
            throws IOException, TimedOut, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        if (output != null) {
            builder.redirectOutput(output.toFile());
        }
        Printed printed = new Printed(keep);
        boolean[] more = {false};
        int exitCode = run(builder, environment, printed::read, more, errors, timeout);
        return printed.outcome(exitCode, more[0]);
    }

    /**
     * Runs a program whose output is read as it comes.
     *
     * @param errors gets its standard error, line by line, on another thread
     * @param timeout after which it is stopped
     * @return its exit code, once what it printed was read to the end
     * @throws IOException when it can not be started, or reading failed although it ended with exit code 0
     * @throws TimedOut when it took longer
     * @throws InterruptedException when this thread was interrupted; the program has ended then
     */
    public static int read(
            List<String> command,
            Map<String, String> environment,
            Reading reading,
            Consumer<String> errors,
            Duration timeout)
            throws IOException, TimedOut, InterruptedException {
        Attempted attempted = new Attempted(reading);
        boolean[] more = {false};
        int exitCode = run(new ProcessBuilder(command), environment, attempted::read, more, errors, timeout);
        if (exitCode == 0) {
            attempted.rethrow(more[0]);
        }
        return exitCode;
    }

    /** @param more set when something that the program started may still print */
    private static int run(
            ProcessBuilder builder,
            Map<String, String> environment,
            Consumer<InputStream> reading,
            boolean[] more,
            Consumer<String> errors,
            Duration timeout)
            throws IOException, TimedOut, InterruptedException {
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (builder.redirectInput() == ProcessBuilder.Redirect.PIPE) {
                process.getOutputStream().close();
            }
            Thread stdout = start("stdout", () -> reading.accept(process.getInputStream()));
            Thread stderr = start("stderr", () -> lines(process.getErrorStream(), errors));
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TimedOut();
            }
            // bounded, because a grandchild may keep the pipes open for ever
            stdout.join(GRACE_MILLIS);
            stderr.join(GRACE_MILLIS);
            more[0] = stdout.isAlive();
            return process.exitValue();
        } finally {
            stop(process);
        }
    }

    /** What becomes of reading on another thread. */
    private static final class Attempted {
        private final Reading reading;
        private @Nullable Throwable failure;

        Attempted(Reading reading) {
            this.reading = reading;
        }

        /** When reading fails the pipe is closed, so that the program does not wait for ever to be read. */
        void read(InputStream printed) {
            try (printed) {
                reading.read(printed);
            } catch (Throwable e) {
                // also errors: who ran out of memory has not read to the end
                synchronized (this) {
                    failure = e;
                }
            }
        }

        synchronized void rethrow(boolean more) throws IOException {
            if (failure instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure != null || more) {
                throw new IOException(failure == null ? "it was not read to its end" : failure.getMessage(), failure);
            }
        }
    }

    private static void stop(Process process) {
        if (!process.isAlive()) {
            return;
        }
        // looked up while they still have a parent: a shell that ends leaves what it waits for behind
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        // all at once: a shell hears of a signal only when the program that it waits for has ended
        all.forEach(ProcessHandle::destroy);
        // cleared for the wait: a program that is to end at our interrupt gets its seconds to end in order
        boolean interrupted = Thread.interrupted();
        if (!ended(all)) {
            interrupted |= Thread.interrupted();
            Stream.concat(all.stream(), all.stream().flatMap(ProcessHandle::descendants))
                    .distinct()
                    .toList()
                    .forEach(ProcessHandle::destroyForcibly);
            ended(all);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for their end; false when that takes longer than the grace, or this thread is interrupted. */
    private static boolean ended(List<ProcessHandle> processes) {
        try {
            CompletableFuture.allOf(
                            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(GRACE_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    private static Thread start(String what, Runnable reading) {
        Thread thread = new Thread(reading, "hyperkeep-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void lines(InputStream stream, Consumer<String> lines) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line);
            }
        } catch (IOException e) {
            // it was stopped while it wrote: its exit code tells
        }
    }

    /** The first bytes of what a program prints; the rest is read and forgotten. */
    private static final class Printed {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final int limit;
        private boolean truncated;

        Printed(int limit) {
            this.limit = limit;
        }

        void read(InputStream stream) {
            byte[] buffer = new byte[8192];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    keep(buffer, n);
                }
            } catch (IOException e) {
                // it was stopped while it wrote: its exit code tells
            }
        }

        private synchronized void keep(byte[] buffer, int n) {
            int room = Math.min(n, limit - kept.size());
            kept.write(buffer, 0, room);
            truncated |= room < n;
        }

        synchronized Outcome outcome(int exitCode, boolean more) {
            return new Outcome(exitCode, kept.toString(StandardCharsets.UTF_8), truncated || more);
        }
    }
}

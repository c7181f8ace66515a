package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.process.ExternalProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run of a client program of PostgreSQL.
 *
 * <p>Where to connect goes by environment variables and the password by a private file that lives as long as the run:
 * nothing secret is ever an argument, which every user of the machine can read. The program's own PG… variables are
 * taken away, so that it connects where we do. Not thread-safe; use one for each run.
 */
public final class ClientProcess {
    private static final int KEPT_LINES = 200;
    private static final int LONGEST_MESSAGE = 500;
    /** What libpq says of a connection that broke or could not be had; pg_dump's exit code does not tell. */
    private static final Pattern LOST = Pattern.compile(
            "server closed the connection unexpectedly|could not receive data from server|could not send data to server"
                    + "|SSL connection has been closed unexpectedly|Connection refused");

    /** A statement's error, which is sent over a connection that works. */
    private static final Pattern FROM_THE_SERVER = Pattern.compile(": ERROR:  ");

    private static final int DEFAULT_KEPT_BYTES = 64 << 20;

    /**
     * What changes the meaning of SQL or the text of a value, and what pg_dump and its scripts leave to the database;
     * every server knows these, and every role may set them.
     */
    private static final List<String> PINNED = List.of(
            "standard_conforming_strings=on",
            "backslash_quote=safe_encoding",
            "array_nulls=on",
            "transform_null_equals=off",
            "bytea_output=hex",
            "xmloption=content",
            "quote_all_identifiers=off",
            "gin_fuzzy_search_limit=0",
            "default_transaction_deferrable=off",
            "default_transaction_isolation=read\\ committed",
            "idle_session_timeout=0");

    private final ClientTool tool;
    private final @Nullable Connections connections;
    private final Map<String, String> environment;
    private final List<String> arguments = new ArrayList<>();
    private @Nullable Path input;
    private @Nullable Path output;
    private Duration timeout = Duration.ofHours(1);

    private ClientProcess(ClientTool tool, @Nullable Connections connections, Map<String, String> environment) {
        this.tool = tool;
        this.connections = connections;
        this.environment = new HashMap<>(environment);
        this.environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        this.environment.remove("LANGUAGE");
        // messages that we can read, whatever the operator's language
        this.environment.put("LC_ALL", "C");
        this.environment.put("PGCLIENTENCODING", "UTF8");
    }

    /**
     * A run that connects to a database.
     *
     * @param applicationName what {@code pg_stat_activity} shows
     */
    public static ClientProcess connected(ClientTool tool, Connections connections, String applicationName) {
        ClientProcess process = new ClientProcess(tool, connections, connections.environment());
        process.address(connections.address(), applicationName);
        return process.settings(PINNED).arguments("--no-password");
    }

    /** A run that only works on files. */
    public static ClientProcess offline(ClientTool tool) {
        return new ClientProcess(tool, null, System.getenv());
    }

    /** Adds arguments; never a secret. */
    public ClientProcess arguments(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    /**
     * Settings of its sessions, whatever the address's, the server's, the role's or the database's own are.
     *
     * @param settings each as {@code name=value}, a blank with a backslash before it
     */
    public ClientProcess settings(List<String> settings) {
        String options = settings.stream().map(setting -> "-c " + setting).collect(Collectors.joining(" "));
        environment.merge("PGOPTIONS", options, (given, ours) -> given + " " + ours);
        return this;
    }

    /** Its standard input; nothing by default. */
    public ClientProcess input(Path file) {
        input = file;
        return this;
    }

    /** Sends its standard output to a file instead of the result. */
    public ClientProcess output(Path file) {
        output = file;
        return this;
    }

    /** When to stop it; an hour by default. */
    public ClientProcess timeout(Duration atMost) {
        timeout = atMost;
        return this;
    }

    /**
     * How it ended.
     *
     * @param exitCode its exit code
     * @param output what it printed
     * @param lines the last lines of its standard error
     */
    public record Ended(int exitCode, String output, List<String> lines) {
        public Ended {
            lines = List.copyOf(lines);
        }

        /** Whether it lost its connection, or had none: what a server reports of a connection to another one is neither. */
        boolean isLost() {
            List<String> errors = messages().errors();
            return (errors.isEmpty() ? lines : errors)
                    .stream()
                            .filter(error -> !FROM_THE_SERVER.matcher(error).find())
                            .anyMatch(error -> LOST.matcher(error).find());
        }

        /** Whether it failed by nothing but statements that the server refused. */
        boolean isRefused() {
            List<String> errors = messages().errors();
            return exitCode != 0
                    && !errors.isEmpty()
                    && errors.stream()
                            .allMatch(error -> FROM_THE_SERVER.matcher(error).find());
        }

        /** Its standard error, sorted. */
        public ClientMessages messages() {
            return ClientMessages.of(lines);
        }
    }

    /**
     * Runs it and insists on exit code 0.
     *
     * @throws BackupException CLIENT_TOOL when it fails, can not be started, or takes longer than its timeout;
     *     INTERRUPTED when this thread is interrupted. The program has ended in each case.
     */
    public Ended run() {
        return succeeded(runToEnd());
    }

    /**
     * Runs it, and insists on exit code 0, or on failures that are all statements that the server refused.
     *
     * @throws BackupException as {@link #run()}
     */
    public Ended runUnlessRefused() {
        Ended ended = runToEnd();
        return ended.isRefused() ? ended : succeeded(ended);
    }

    private Ended succeeded(Ended ended) {
        if (ended.exitCode() != 0) {
            String said = said(ended);
            throw new BackupException(
                    Problem.CLIENT_TOOL,
                    tool + " failed with exit code " + ended.exitCode() + (said.isBlank() ? "" : ": " + said),
                    hint(said),
                    null,
                    ended.isLost());
        }
        return ended;
    }

    /** Its errors, or its last lines when none is marked as one. */
    private static String said(Ended ended) {
        List<String> errors = ended.messages().errors();
        List<String> lines = ended.lines();
        String said = errors.isEmpty()
                ? String.join(" ", lines.subList(Math.max(0, lines.size() - 3), lines.size()))
                : String.join("; ", errors);
        // pg_dump lists every table that it wanted to lock
        return said.length() > LONGEST_MESSAGE ? said.substring(0, LONGEST_MESSAGE) + "…" : said;
    }

    private static @Nullable String hint(String said) {
        if (said.contains("timeout") && said.contains("LOCK TABLE")) {
            return "somebody holds a conflicting lock on one of the tables that the message lists; pg_locks and pg_stat_activity say who. Try again, or with a longer lock timeout.";
        }
        if (said.contains("permission denied") || said.contains("row-level security")) {
            return "the role lacks a privilege: `hyperkeep check` names the GRANTs to run.";
        }
        if (said.contains("invalid byte sequence for encoding") || said.contains("has no equivalent in encoding")) {
            return ServerErrors.NO_CHARACTERS;
        }
        return null;
    }

    /**
     * Runs it, whatever its exit code.
     *
     * @throws BackupException as {@link #run()}, but for the exit code
     */
    public Ended runToEnd() {
        return execute((command, lines) -> {
            ExternalProcess.Outcome outcome = ExternalProcess.run(
                    command, environment, input, output, DEFAULT_KEPT_BYTES, line -> keep(lines, line), timeout);
            if (outcome.truncated()) {
                throw failed("printed more than was read, of at most " + DEFAULT_KEPT_BYTES + " bytes", null, null);
            }
            return new Printed(outcome.exitCode(), outcome.output());
        });
    }

    /**
     * Runs it, has somebody read what it prints while it runs, and insists on exit code 0.
     *
     * @param reading of its standard output; runs on another thread, and has ended when this returns
     * @throws BackupException as {@link #run()}; also when reading fails
     */
    public void read(ExternalProcess.Reading reading) {
        succeeded(execute((command, lines) -> new Printed(
                ExternalProcess.read(command, environment, reading, line -> keep(lines, line), timeout), "")));
    }

    private record Printed(int exitCode, String output) {}

    @FunctionalInterface
    private interface Execution {
        Printed of(List<String> command, Deque<String> lines)
                throws IOException, ExternalProcess.TimedOut, InterruptedException;
    }

    private Ended execute(Execution execution) {
        List<String> command = new ArrayList<>();
        command.add(tool.path().toString());
        command.addAll(arguments);
        Deque<String> lines = new ArrayDeque<>();
        Path passwords = null;
        try {
            passwords = passwords();
            Printed printed = execution.of(command, lines);
            synchronized (lines) {
                return new Ended(printed.exitCode(), printed.output(), List.copyOf(lines));
            }
        } catch (IOException e) {
            throw failed("can not be run: " + e.getMessage(), null, e);
        } catch (ExternalProcess.TimedOut e) {
            throw failed(
                    "did not end within " + timeout.toSeconds() + " seconds and was stopped",
                    "see in pg_stat_activity or pg_locks what it waited for.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(Problem.INTERRUPTED, "interrupted; " + tool.name() + " was stopped", null, e);
        } finally {
            delete(passwords);
        }
    }

    private void address(DatabaseAddress address, String applicationName) {
        environment.put(
                "PGHOST",
                address.socketFolder() != null ? address.socketFolder().toString() : String.valueOf(address.host()));
        environment.put("PGPORT", Integer.toString(address.port()));
        environment.put("PGUSER", address.user());
        environment.put("PGDATABASE", address.database());
        environment.put("PGAPPNAME", applicationName);
        ParseAddress.KEPT.forEach((parameter, variable) -> {
            String value = address.parameters().get(parameter);
            if (value != null) {
                environment.put(variable, value);
            }
        });
        environment.put("PGCONNECT_TIMEOUT", Integer.toString(Connections.connectSeconds(address)));
    }

    private @Nullable Path passwords() throws IOException {
        String password = connections == null ? null : connections.password();
        if (password == null) {
            return null;
        }
        Path file = Files.createTempFile(
                "hyperkeep-",
                ".pgpass",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, PasswordFile.forEveryHost(password) + "\n", StandardCharsets.UTF_8);
        environment.put("PGPASSFILE", file.toString());
        return file;
    }

    private static void delete(@Nullable Path passwords) {
        if (passwords != null) {
            try {
                Files.deleteIfExists(passwords);
            } catch (IOException e) {
                passwords.toFile().deleteOnExit(); // it is private, and what we ran for matters more
            }
        }
    }

    private static void keep(Deque<String> lines, String line) {
        synchronized (lines) {
            if (lines.size() == KEPT_LINES) {
                lines.removeFirst();
            }
            lines.addLast(line);
        }
    }

    private BackupException failed(String what, @Nullable String hint, @Nullable Throwable cause) {
        return new BackupException(Problem.CLIENT_TOOL, tool + " " + what, hint, cause);
    }
}

package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.process.ExternalProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds PostgreSQL's client programs: in the configured folder if there is one, else where Debian's packages put them,
 * else on the PATH. Thread-safe.
 *
 * <p>A dump needs a program of at least the server's major version. The same major is preferred, as that is what its
 * authors tested; else the newest.
 */
public final class ClientTools {
    /** Where Debian's and PGDG's packages have one folder for each major version. */
    private static final Path PACKAGES = Path.of("/usr/lib/postgresql");

    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)(?:\\.(\\d+))?");
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final @Nullable Path configured;
    private final Map<String, String> environment;
    private final Path packages;
    private final Map<Path, Optional<ClientTool>> known = new ConcurrentHashMap<>();

    /** The programs for this database, with this process's PATH. */
    public ClientTools(DatabaseSettings settings) {
        this(settings.clientTools(), System.getenv(), PACKAGES);
    }

    /** This machine's programs, where no database is at hand: from the folder that the environment names, or its PATH. */
    public static ClientTools of(Map<String, String> environment) {
        String folder = environment.getOrDefault("HYPERKEEP_CLIENT_TOOLS", "");
        return new ClientTools(folder.isEmpty() ? null : Path.of(folder), environment, PACKAGES);
    }

    /**
     * @param configured the only folder to look in, or null
     * @param environment where PATH is looked up
     * @param packages folder with one folder {@code N/bin} for each major version
     */
    ClientTools(@Nullable Path configured, Map<String, String> environment, Path packages) {
        this.configured = configured;
        this.environment = Map.copyOf(environment);
        this.packages = packages;
    }

    /**
     * The program to use with this server.
     *
     * @param name {@code psql}, {@code pg_dump}, {@code pg_restore} or {@code pg_dumpall}
     * @param serverMajor the server's major version
     * @throws BackupException CLIENT_TOOL when there is none, or only older ones
     */
    public ClientTool find(String name, int serverMajor) {
        List<ClientTool> found = candidates(name).stream()
                .map(this::inspect)
                .flatMap(Optional::stream)
                .toList();
        Comparator<ClientTool> preference = Comparator.<ClientTool, Boolean>comparing(
                        tool -> tool.major() == serverMajor)
                .thenComparing(ClientTool::major)
                .thenComparing(ClientTool::minor);
        return found.stream()
                .filter(tool -> tool.major() >= serverMajor)
                .filter(tool -> !name.equals("psql") || tool.knowsRestrict())
                // the first of equals: the folders come in order of preference, and max() returns the last
                .reduce((best, tool) -> preference.compare(tool, best) > 0 ? tool : best)
                .orElseThrow(() -> missing(name, serverMajor, found));
    }

    private List<Path> candidates(String name) {
        if (configured != null) {
            return executables(Stream.of(configured), name);
        }
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(packages)) {
            try (Stream<Path> majors = Files.list(packages)) {
                paths.addAll(executables(majors.sorted().map(major -> major.resolve("bin")), name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        boolean packaged = !paths.isEmpty();
        String path = environment.getOrDefault("PATH", "");
        executables(
                        Stream.of(path.split(File.pathSeparator))
                                .filter(folder -> !folder.isEmpty())
                                .map(Path::of),
                        name)
                .stream()
                .filter(program -> !packaged || !isWrapper(program))
                .forEach(paths::add);
        return paths;
    }

    /** Debian's wrapper, which chooses among the programs of the packages, and takes ten times as long as they do. */
    private static boolean isWrapper(Path program) {
        try {
            return program.toRealPath().endsWith("pg_wrapper");
        } catch (IOException e) {
            // whoever runs it will be told
            return false;
        }
    }

    private static List<Path> executables(Stream<Path> folders, String name) {
        return folders.map(folder -> folder.resolve(name).toAbsolutePath())
                .filter(Files::isExecutable)
                .toList();
    }

    private Optional<ClientTool> inspect(Path program) {
        return known.computeIfAbsent(program, path -> version(path));
    }

    /** What it says about itself; empty for something that only has the name of a PostgreSQL program. */
    private Optional<ClientTool> version(Path program) {
        try {
            ExternalProcess.Outcome outcome = ExternalProcess.run(
                    List.of(program.toString(), "--version"), environment, null, null, 4096, line -> {}, TIMEOUT);
            Matcher matcher = VERSION.matcher(outcome.output());
            if (outcome.exitCode() != 0 || !matcher.find()) {
                return Optional.empty();
            }
            int minor = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
            return Optional.of(new ClientTool(
                    program.getFileName().toString(), program, Integer.parseInt(matcher.group(1)), minor));
        } catch (IOException | ExternalProcess.TimedOut e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(Problem.INTERRUPTED, "interrupted while looking for " + program, null, e);
        }
    }

    private BackupException missing(String name, int serverMajor, List<ClientTool> found) {
        String where = configured != null ? "in " + configured : "in " + packages + " or on the PATH";
        String hint = configured != null
                ? "install PostgreSQL " + serverMajor + "'s client programs (Debian: postgresql-client-" + serverMajor
                        + ") and set the folder that holds them."
                : "install PostgreSQL " + serverMajor + "'s client programs (Debian: postgresql-client-" + serverMajor
                        + "), or configure the folder that holds them.";
        if (found.isEmpty()) {
            return new BackupException(Problem.CLIENT_TOOL, "there is no " + name + " " + where, hint);
        }
        ClientTool newest = found.stream()
                .max(Comparator.comparingInt(ClientTool::major).thenComparingInt(ClientTool::minor))
                .orElseThrow();
        String need = newest.major() >= serverMajor
                ? "too old to run a dump's \\restrict: 17.6, 16.10, 15.14, 14.19 and 18 or newer know it"
                : "older than the server, which is version " + serverMajor;
        return new BackupException(Problem.CLIENT_TOOL, newest + " is " + need, hint);
    }
}

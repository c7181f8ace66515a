package io.hyperkeep.scenario;

import io.hyperkeep.cli.CommandTree;
import io.hyperkeep.cli.Screen;
import io.hyperkeep.cli.StartEngine;
import io.hyperkeep.cli.Surroundings;
import io.hyperkeep.config.Paths;
import io.hyperkeep.fixtures.Server;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.storage.BackupFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Somebody at a command line, with a home and a repository of their own, who runs the whole program. */
public final class Operator {
    public final Path folder;
    public final Path repository;
    public final Map<String, String> environment = new HashMap<>();
    private final Server server;
    private final String engine;

    public Operator(Path folder, Server server) {
        this(folder, server, "io.hyperkeep.jobs.EngineConfiguration");
    }

    /** @param engine name of the class that configures the engine of the commands that run in this process */
    public Operator(Path folder, Server server, String engine) {
        this.engine = engine;
        this.folder = folder;
        this.repository = folder.resolve("repository");
        this.server = server;
        environment.put("HYPERKEEP_HOME", folder.resolve("home").toString());
        environment.put("PATH", System.getenv("PATH"));
    }

    /**
     * How a command ended.
     *
     * @param exitCode of the process
     * @param out standard output
     * @param err standard error, the folder of this test replaced by FOLDER
     */
    public record Ended(int exitCode, String out, String err) {
        /** The one document on standard output; anything else there fails. */
        public JsonNode json() {
            return JsonMapper.builder()
                    .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build()
                    .readTree(out);
        }

        /** The failure as the command told it: without log lines and without progress. */
        public String failure() {
            int start = Math.max(err.lastIndexOf("\nhyperkeep: ") + 1, 0);
            return err.substring(start);
        }
    }

    /** Runs a command in this process; runs at the same time share its log, and nothing else. */
    public Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Surroundings surroundings = new Surroundings(
                environment,
                new Paths(folder, folder),
                new PrintWriter(out),
                new Screen(new PrintWriter(err), false),
                Clock.systemUTC());
        int exitCode = new CommandTree(surroundings, new StartEngine(engine)::start).run(arguments);
        return new Ended(exitCode, out.toString(), visible(err.toString()));
    }

    /** Begins a command in this process, in a thread of its own. */
    public CompletableFuture<Ended> begin(String... arguments) {
        CompletableFuture<Ended> ended = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        ended.complete(run(arguments));
                    } catch (Throwable e) {
                        ended.completeExceptionally(e);
                    }
                },
                "operator");
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    /** Begins a command in a process of its own. */
    public RunningCommand fork(List<String> javaOptions, String... arguments) {
        return RunningCommand.start(this, List.of(), javaOptions, arguments);
    }

    /** The arguments of a backup of this address. */
    public String[] backup(String uri, String... more) {
        return with(
                new String[] {
                    "backup",
                    "--database",
                    uri,
                    "--repository",
                    repository.toString(),
                    "--client-tools",
                    server.clientTools().toString()
                },
                more);
    }

    /** The arguments of a restore into this address. */
    public String[] restore(String backup, String uri, String... more) {
        return with(
                new String[] {
                    "restore",
                    backup,
                    "--repository",
                    repository.toString(),
                    "--to",
                    uri,
                    "--client-tools",
                    server.clientTools().toString()
                },
                more);
    }

    public static String[] with(String[] arguments, String... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
    }

    /** The newest sealed backup, whose manifest is the truth about it. */
    public BackupFolder newest() {
        List<BackupFolder> backups =
                io.hyperkeep.storage.Repository.open(repository).backups();
        return backups.get(backups.size() - 1);
    }

    public Manifest manifest() {
        return newest().manifest();
    }

    /** Every file of the repository below its root, sorted. */
    public List<String> files() {
        return filesBelow(repository);
    }

    public static List<String> filesBelow(Path root) {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What nobody may find in a repository that no run works on: half-written files, and folders that look sealed. */
    public List<String> leftovers() {
        List<String> left = new ArrayList<>();
        for (String file : files()) {
            if (file.endsWith(".tmp") || file.endsWith("manifest.json")) {
                left.add(file);
            }
        }
        return left;
    }

    public String visible(String text) {
        return text.replace(folder.toString(), "FOLDER");
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A backup of a whole database that ends early, when pg_dump has written its archive and has not ended yet. */
@Timeout(300)
class KilledDumpTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v18();

    @TempDir
    Path folder;

    @Test
    void its_run_is_restarted_and_what_it_left_is_gone() throws Exception {
        String source = server.createDatabase("killed_dump", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n"
                        + " FROM generate_series(1, 99) n");
        Operator operator = new Operator(folder, server);
        Path held = Files.createFile(folder.resolve("held"));
        Path written = folder.resolve("written");
        String[] backup = operator.backup(source, "--kind", "database");
        backup[List.of(backup).indexOf("--client-tools") + 1] =
                toolsThatWait(held, written).toString();

        try (RunningCommand killed = operator.fork(List.of("-Xmx256m"), backup)) {
            Awaitility.await("pg_dump has written its archive")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Files.exists(written));
            killed.kill();
        } finally {
            Files.delete(held);
        }
        List<String> left = operator.files();
        Operator.Ended restarted = operator.run("runs", "restart", "1");

        assertThat(left)
                .anyMatch(file -> file.endsWith("dump/toc.dat"))
                .noneMatch(file -> file.endsWith("manifest.json"));
        assertThat(restarted.exitCode()).as(restarted.err()).isZero();
        assertThat(operator.files())
                .filteredOn(file -> file.endsWith("dump/toc.dat"))
                .as("the first attempt's archive is gone")
                .hasSize(1);
        assertThat(operator.run("verify", "latest", "--repository", operator.repository.toString())
                        .exitCode())
                .isZero();
        assertThat(operator.manifest().totals().rows()).isEqualTo(99);
    }

    @Test
    void a_count_that_fails_ends_pg_dump_too() throws Exception {
        String source = server.createDatabase("failed_count", true);
        // large enough that somebody can meet its count
        ServerSays.done(server, source, "CREATE TABLE public.numbers AS SELECT n FROM generate_series(1, 2000000) n");
        Operator operator = new Operator(folder, server);
        Path held = Files.createFile(folder.resolve("held"));
        String[] backup = operator.backup(source, "--kind", "database", "--max-attempts", "1");
        Path tools = toolsThatWait(held, folder.resolve("written"));
        backup[List.of(backup).indexOf("--client-tools") + 1] = tools.toString();
        CompletableFuture<Void> ended = CompletableFuture.runAsync(KilledDumpTest::endACount);

        Operator.Ended failed = operator.run(backup);

        ended.get(60, TimeUnit.SECONDS);
        assertThat(failed.exitCode()).as(failed.err()).isEqualTo(1);
        assertThat(held).as("pg_dump would still wait").exists();
        assertThat(ProcessHandle.allProcesses()
                        .flatMap(process -> process.info().commandLine().stream())
                        .filter(line -> line.contains(tools.toString())))
                .isEmpty();
        assertThat(operator.files()).noneMatch(file -> file.endsWith("manifest.json"));
    }

    private static void endACount() {
        try {
            ServerSays.done(server, server.uri("postgres"), """
                    DO $$
                    BEGIN
                        FOR i IN 1 .. 20000 LOOP
                            PERFORM pg_stat_clear_snapshot();
                            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                              WHERE application_name LIKE 'hyperkeep/%' AND query LIKE 'SELECT count(*) FROM ONLY%';
                            EXIT WHEN FOUND;
                            PERFORM pg_sleep(0.005);
                        END LOOP;
                    END $$""");
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    /** The server's client programs; after pg_dump has done its work, it says so and does not end while it is held. */
    private Path toolsThatWait(Path held, Path written) throws IOException {
        Path tools = Files.createDirectory(folder.resolve("tools"));
        for (String name : List.of("psql", "pg_restore")) {
            Files.createSymbolicLink(tools.resolve(name), server.clientTools().resolve(name));
        }
        Path pgDump = Files.writeString(
                tools.resolve("pg_dump"), """
                #!/bin/sh
                '%s' "$@" || exit
                case "$1" in --version) exit ;; esac
                touch '%s'
                while [ -e '%s' ]; do sleep 0.1; done
                """.formatted(server.clientTools().resolve("pg_dump"), written, held));
        Files.setPosixFilePermissions(pgDump, PosixFilePermissions.fromString("rwx------"));
        return tools;
    }
}

package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hyperkeep.Hyperkeep;
import io.hyperkeep.fixtures.RepositoryOnDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In processes of their own, with real signals. */
@Timeout(120)
class StopOnSignalTest {
    @TempDir
    Path folder;

    private Process process;

    @AfterEach
    void nothingIsLeft() {
        process.destroyForcibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void a_signal_stops_the_run_which_is_recorded_and_the_exit_code_is_130(String signal) throws Exception {
        BufferedReader err = begin("db");
        send(signal);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(err.lines().collect(Collectors.joining("\n"))).isEqualTo("""
                hyperkeep: stopping the run; once more ends it at once
                hyperkeep: run 1 was stopped before its end""");
        assertThat(recorded()).isEqualTo("STOPPED");
    }

    @Test
    void a_second_signal_ends_at_once() throws Exception {
        BufferedReader err = begin("stubborn");
        send("TERM");
        assertThat(err.readLine()).isEqualTo("hyperkeep: stopping the run; once more ends it at once");
        send("TERM");

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(err.readLine()).isEqualTo("hyperkeep: ended at once; `hyperkeep runs` shows what was running");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void a_signal_stops_a_verification_too(String signal) throws Exception {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder.resolve("r"));
        Path backup = repository.seal("prod", "20261122T021500Z", "a");
        long bytes = 1L << 36;
        try (RandomAccessFile large =
                new RandomAccessFile(repository.data("prod", "a").toFile(), "rw")) {
            large.setLength(bytes);
        }
        Path manifest = backup.resolve("manifest.json");
        Files.writeString(
                manifest, Files.readString(manifest).replace("\n \"bytes\" : 4,", "\n \"bytes\" : " + bytes + ","));
        Files.delete(backup.resolve("manifest.json.sha256"));
        BufferedReader err = start(Hyperkeep.class, "verify", backup.toString());
        // it holds the lock of a reader while it reads
        Path locks = folder.resolve("r/prod/locks");
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.isDirectory(locks) && count(locks) == 1);
        send(signal);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(err.lines().collect(Collectors.joining("\n"))).endsWith("""
                hyperkeep: stopping the run; once more ends it at once
                hyperkeep: interrupted during verify""");
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(count(locks)).isZero();
    }

    private static long count(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private BufferedReader begin(String database) throws IOException {
        BufferedReader err = start(
                ProbeEngine.class,
                "backup",
                "--database",
                "postgresql://localhost/" + database,
                "--repository",
                folder.resolve("r").toString());
        String line = err.readLine();
        assertThat(line).isEqualTo("running");
        return err;
    }

    private BufferedReader start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Duser.timezone=UTC",
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HYPERKEEP_HOME", folder.resolve("home").toString());
        process = builder.start();
        return process.errorReader();
    }

    private void send(String signal) throws IOException, InterruptedException {
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
    }

    private String recorded() throws SQLException {
        String url = "jdbc:h2:file:" + folder.resolve("home/metadata");
        try (Connection connection = DriverManager.getConnection(url, "hyperkeep", "");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT state FROM probe")) {
            row.next();
            return row.getString(1);
        }
    }
}

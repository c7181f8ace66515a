package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In processes of their own, as logging and Spring are set up for a whole process. */
@Timeout(120)
class StartEngineTest {
    @TempDir
    Path folder;

    @Test
    void the_record_of_runs_is_made_in_a_private_home() throws Exception {
        assertThat(run(Map.of(), "runs", "list", "--output", "json")).isEqualTo(new Ended(0, """
                {
                  "runs" : [ ]
                }
                """, ""));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("home"))))
                .isEqualTo("rwx------");
        assertThat(run(Map.of(), "runs")).isEqualTo(new Ended(0, "no runs\n", ""));
        assertThat(run(Map.of(), "runs", "show", "4711")).isEqualTo(new Ended(10, "", """
                hyperkeep: there is no run 4711
                HINT: `hyperkeep runs list` lists the newest.
                """));
    }

    @Test
    void files_and_variables_that_are_meant_for_other_programs_change_nothing() throws Exception {
        Files.createDirectories(folder.resolve("config"));
        String foreign = "spring.main.web-application-type=servlet\nspring.datasource.url=jdbc:foreign:x\ndebug=true\n";
        Files.writeString(folder.resolve("config/application.properties"), foreign);
        Files.writeString(folder.resolve("application.properties"), foreign);
        Map<String, String> environment = Map.of(
                "SPRING_DATASOURCE_URL", "jdbc:foreign:x",
                "SPRING_FLYWAY_ENABLED", "false",
                "SPRING_PROFILES_ACTIVE", "prod",
                "SPRING_MAIN_LAZY_INITIALIZATION", "maybe",
                "DEBUG", "true");

        assertThat(run(environment, "runs")).isEqualTo(new Ended(0, "no runs\n", ""));
    }

    @Test
    void a_record_that_can_not_be_opened_is_told_in_a_line() throws Exception {
        Files.createDirectories(folder.resolve("home"));
        Files.writeString(folder.resolve("home/metadata.mv.db"), "not a database".repeat(1000));

        Ended ended = run(Map.of(), "runs");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("hyperkeep: cannot open the record of runs in FOLDER/home/metadata.mv.db: ")
                .endsWith("\nHINT: does the user that runs hyperkeep own that file, and is there space?\n")
                .doesNotContain("\tat ");
    }

    @Test
    void a_server_that_is_not_there_is_told_in_a_line() throws Exception {
        Map<String, String> environment = Map.of("HYPERKEEP_METADATA_URL", "jdbc:postgresql://localhost:1/x");

        Ended ended = run(environment, "runs");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("hyperkeep: cannot open the record of runs in jdbc:postgresql://localhost:1/x: ")
                .endsWith("\nHINT: check metadata.url, metadata.user and metadata.password-file.\n");
    }

    private record Ended(int exitCode, String out, String err) {}

    private Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                ProbeEngine.class.getName()),
                        Stream.of(arguments))
                .toList();
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("HYPERKEEP_HOME", folder.resolve("home").toString());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), text(out), text(err));
    }

    private String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
    }
}

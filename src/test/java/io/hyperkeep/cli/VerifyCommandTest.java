package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    @TempDir
    Path folder;

    CommandFixture line;
    Path manifest;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
        manifest = ManifestFixture.seal(folder.resolve("r"), "prod", "20261122T021500Z", true)
                .resolve("manifest.json");
    }

    @Test
    void a_backup_whose_files_do_not_hold_its_rows_is_damaged() {
        assertThat(line.run("verify", "latest", "--repository", "r")).isEqualTo(new Ended(1, """
                FILE           WHAT IS WRONG
                manifest.json  public.metrics has 1234567 rows, but its files have 0
                """, """
                hyperkeep: backup 20261122T021500Z is damaged: 1 finding
                HINT: copy the files again from where the backup was copied from, or use another backup.
                """));
        assertThat(line.run("verify", "latest", "--repository", "r", "--output", "json")
                        .out())
                .contains("\"verified\" : false", "\"on\" : \"manifest.json\"");
    }

    @Test
    void a_whole_one_is_said_to_be_whole() throws IOException {
        Files.writeString(manifest, Files.readString(manifest).replace("1234567", "0"));

        Ended ended = line.run("verify", manifest.getParent().toString(), "--jobs", "4");
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out())
                .matches("backup 20261122T021500Z is whole: 4 units, 0 rows, 1.5 MiB, verified in [0-9.]+s\n");
        assertThat(line.run("verify", "latest", "--repository", "r", "--jobs", "0")
                        .exitCode())
                .isEqualTo(2);
    }
}

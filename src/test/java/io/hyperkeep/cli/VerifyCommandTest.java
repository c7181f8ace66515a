package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.fixtures.RepositoryOnDisk;
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
    void all_backups_of_a_repository_are_verified_and_a_shared_file_is_read_once() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder.resolve("all"));
        repository.seal("prod", "20261120T021500Z", "shared", "a");
        Path altered =
                repository.seal("prod", "20261121T021500Z", "shared", "b").resolve("manifest.json");
        repository.seal("prod", "20261122T021500Z", "shared", "c");
        repository.seal("test", "20261122T021500Z", "shared");
        Files.writeString(altered, Files.readString(altered).replace("\"run\" : 1", "\"run\" : 2"));
        Files.writeString(repository.data("prod", "c"), "t\nx\n");

        Ended ended = line.run("verify", "--repository", "all", "--jobs", "2");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.out()).startsWith("""
                BACKUP            DATABASE  WHOLE  FILE                              WHAT IS WRONG
                20261120T021500Z  prod      yes
                20261121T021500Z  prod      no     manifest.json                     cannot read\s""" + altered.toString().replace(folder.toString(), "FOLDER") + """
                : it is cut or altered: its checksum is not the one in manifest.json.sha256
                20261122T021500Z  prod      no     data/public.t/t-818fc4cf3dda.csv  its checksum differs
                20261122T021500Z  test      yes
                """);
        assertThat(ended.err()).startsWith("hyperkeep: 2 of 4 backups are damaged\n");
        // of prod: shared, a, c and two schema files; of test: shared and its schema file
        assertThat(ended.out()).contains("\n7 files read, verified in ");
        assertThat(line.run("verify", "--repository", "all", "--database", "test", "--output", "json")
                        .out())
                .contains("\"verified\" : true", "\"files\" : 2");
        assertThat(line.run("verify")).isEqualTo(new Ended(2, "", """
                hyperkeep: a backup or a repository is missing
                HINT: give BACKUP, or --repository DIR.
                """));
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

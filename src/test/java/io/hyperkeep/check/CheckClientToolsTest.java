package io.hyperkeep.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.database.ClientTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of client programs that a backup could use and had better not. */
class CheckClientToolsTest {
    @TempDir
    Path folder;

    @Test
    void a_pg_dump_of_an_older_minor_version_is_a_warning() throws IOException {
        for (String name : List.of("pg_dump", "pg_restore", "psql")) {
            Path program = folder.resolve(name);
            Files.writeString(program, "#!/bin/sh\necho '" + name + " (PostgreSQL) 17.11'\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        CheckClientTools check =
                new CheckClientTools(ClientTools.of(Map.of("HYPERKEEP_CLIENT_TOOLS", folder.toString())));

        assertThat(check.run(17, 12)).element(0).satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Finding.Level.WARNING);
            assertThat(finding.what())
                    .isEqualTo("pg_dump 17.11 (" + folder.resolve("pg_dump") + ") is older than the server, 17.12");
            assertThat(finding.hint()).contains("pg_attver");
        });
        assertThat(check.run(17, 12).subList(1, 3)).allMatch(finding -> finding.level() == Finding.Level.OK);
        assertThat(check.run(17, 11)).allMatch(finding -> finding.level() == Finding.Level.OK);
        assertThat(check.run(16, 13)).allMatch(finding -> finding.level() == Finding.Level.OK);
    }
}

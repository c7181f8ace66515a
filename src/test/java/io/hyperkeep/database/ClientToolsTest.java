package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientToolsTest {
    @TempDir
    Path folder;

    @Test
    void prefers_the_servers_major_and_then_the_newest() throws IOException {
        program("lib/16/bin", "pg_dump", "16.10");
        program("lib/17/bin", "pg_dump", "17.6");
        program("lib/18/bin", "pg_dump", "18.1");
        program("lib/19/bin", "pg_dump", "19beta1");
        assertThat(tools().find("pg_dump", 17))
                .isEqualTo(new ClientTool("pg_dump", folder.resolve("lib/17/bin/pg_dump"), 17, 6));
        assertThat(tools().find("pg_dump", 15).version()).isEqualTo("19.0");
    }

    @Test
    void looks_on_the_path_too() throws IOException {
        program("path", "pg_dump", "17.2");
        program("lib/16/bin", "pg_dump", "16.10");
        assertThat(tools().find("pg_dump", 17).path()).isEqualTo(folder.resolve("path/pg_dump"));
    }

    @Test
    void debians_wrapper_is_not_asked_where_its_packages_are() throws IOException {
        Path wrapper = folder.resolve("share/pg_wrapper");
        Files.createDirectories(wrapper.getParent());
        script(wrapper, ": > '" + folder + "/asked'; echo 'pg_dump (PostgreSQL) 17.9'");
        Files.createSymbolicLink(Files.createDirectories(folder.resolve("path")).resolve("pg_dump"), wrapper);

        assertThat(tools().find("pg_dump", 17).version()).isEqualTo("17.9");
        Files.delete(folder.resolve("asked"));
        program("lib/17/bin", "pg_dump", "17.6");

        assertThat(tools().find("pg_dump", 17).version()).isEqualTo("17.6");
        assertThat(folder.resolve("asked")).doesNotExist();
    }

    @Test
    void uses_only_the_configured_folder_if_there_is_one() throws IOException {
        program("lib/17/bin", "pg_dump", "17.6");
        Path configured = Files.createDirectories(folder.resolve("mine"));
        ClientTools tools = new ClientTools(configured, Map.of("PATH", ""), folder.resolve("lib"));
        assertThat(refusal(tools, "pg_dump", 17).text())
                .isEqualTo(
                        "there is no pg_dump in " + configured
                                + "\nHINT: install PostgreSQL 17's client programs (Debian: postgresql-client-17) and set the folder that holds them.");
    }

    @Test
    void says_what_to_install_when_there_is_none_or_only_an_older_one() throws IOException {
        BackupException none = refusal(tools(), "pg_dump", 18);
        assertThat(none.problem()).isEqualTo(Problem.CLIENT_TOOL);
        String hint =
                "\nHINT: install PostgreSQL 18's client programs (Debian: postgresql-client-18), or configure the folder that holds them.";
        assertThat(none.text()).isEqualTo("there is no pg_dump in " + folder.resolve("lib") + " or on the PATH" + hint);
        program("lib/15/bin", "pg_dump", "15.14 (Debian 15.14-0+deb12u1)");
        assertThat(refusal(tools(), "pg_dump", 18).text())
                .isEqualTo("pg_dump 15.14 (" + folder.resolve("lib/15/bin/pg_dump")
                        + ") is older than the server, which is version 18" + hint);
    }

    @Test
    void wants_a_psql_that_knows_restrict() throws IOException {
        program("lib/17/bin", "psql", "17.5");
        assertThat(refusal(tools(), "psql", 17).text())
                .startsWith(
                        "psql 17.5 (" + folder.resolve("lib/17/bin/psql")
                                + ") is too old to run a dump's \\restrict: 17.6, 16.10, 15.14, 14.19 and 18 or newer know it\n");
        program("path", "psql", "17.6");
        assertThat(tools().find("psql", 17).version()).isEqualTo("17.6");
        assertThat(tools().find("psql", 16).version()).isEqualTo("17.6");
    }

    @Test
    void takes_no_other_program_for_postgresqls() throws IOException {
        Path folder18 = Files.createDirectories(folder.resolve("lib/18/bin"));
        script(folder18.resolve("pg_dump"), "echo pg_dump version 18; exit 0");
        Path folder17 = Files.createDirectories(folder.resolve("lib/17/bin"));
        script(folder17.resolve("pg_dump"), "echo 'pg_dump (PostgreSQL) 17.6'; exit 1");
        assertThat(refusal(tools(), "pg_dump", 17).getMessage()).startsWith("there is no pg_dump in ");
    }

    private ClientTools tools() {
        return new ClientTools(null, Map.of("PATH", folder.resolve("path") + ":/nonexistent"), folder.resolve("lib"));
    }

    private static BackupException refusal(ClientTools tools, String name, int major) {
        return catchThrowableOfType(BackupException.class, () -> tools.find(name, major));
    }

    private void program(String where, String name, String version) throws IOException {
        Path bin = Files.createDirectories(folder.resolve(where));
        script(bin.resolve(name), "echo '" + name + " (PostgreSQL) " + version + "'");
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}

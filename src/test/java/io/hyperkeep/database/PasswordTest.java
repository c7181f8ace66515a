package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordTest {
    @TempDir
    Path folder;

    @Test
    void reads_pgpass_by_libpqs_rules() {
        List<String> lines = List.of(
                "# comment",
                "h:5432:db:other:no",
                "h:5432:db:we\\:ird\\\\:co\\:lon\\\\",
                "h:5432:*:u:first",
                "*:*:*:u:second:ignored",
                "localhost:5432:db:s:socket",
                "/run/x:5432:db:s:folder");
        assertThat(PasswordFile.find(lines, address("h", "u"))).isEqualTo("first");
        assertThat(PasswordFile.find(lines, address("g", "u"))).isEqualTo("second");
        assertThat(PasswordFile.find(lines, address("h", "we:ird\\"))).isEqualTo("co:lon\\");
        assertThat(PasswordFile.find(lines, address("h", "nobody"))).isNull();
        assertThat(PasswordFile.find(lines, socket("/var/run/postgresql"))).isEqualTo("socket");
        assertThat(PasswordFile.find(lines, socket("/run/x"))).isEqualTo("folder");
    }

    @Test
    void writes_a_line_that_libpq_reads_back() {
        String line = PasswordFile.forEveryHost("a:b\\c");
        assertThat(PasswordFile.find(List.of(line), address("any", "body"))).isEqualTo("a:b\\c");
    }

    @Test
    void looks_in_libpqs_order_and_prefers_what_is_configured() throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        write(home.resolve(".pgpass"), "*:*:*:*:from-home\n", "rw-------");
        Path named = write(folder.resolve("named"), "*:*:*:*:from-named\n", "rw-------");
        Path configured = write(folder.resolve("configured"), "from-file\nsecond line\n", "r--------");
        assertThat(find(PasswordSource.LIBPQ, Map.of())).isEqualTo("from-home");
        assertThat(find(PasswordSource.LIBPQ, Map.of("PGPASSFILE", named.toString())))
                .isEqualTo("from-named");
        assertThat(find(PasswordSource.LIBPQ, Map.of("PGPASSFILE", named.toString(), "PGPASSWORD", "from-variable")))
                .isEqualTo("from-variable");
        assertThat(find(new PasswordSource(configured, null), Map.of("PGPASSWORD", "x")))
                .isEqualTo("from-file");
        assertThat(find(command("echo from-command; echo noise >&2"), Map.of())).isEqualTo("from-command");
        assertThat(find(PasswordSource.LIBPQ, Map.of("PGPASSFILE", "/nonexistent")))
                .isNull();
    }

    @Test
    void refuses_a_password_file_that_others_can_read() throws IOException {
        Path file = write(folder.resolve("open"), "*:*:*:*:s3cret\n", "rw-r-----");
        assertThat(refusal(PasswordSource.LIBPQ, Map.of("PGPASSFILE", file.toString()))
                        .text())
                .isEqualTo(
                        "the password file " + file + " can be read by others than its owner\nHINT: chmod 600 " + file);
        assertThat(refusal(new PasswordSource(file, null), Map.of()).problem()).isEqualTo(Problem.CONFIGURATION);
    }

    @Test
    void says_why_a_file_or_command_gives_no_password() throws IOException {
        Path empty = write(folder.resolve("empty"), "\n", "rw-------");
        assertThat(refusal(new PasswordSource(empty, null), Map.of()).text())
                .isEqualTo("the password file " + empty + " has no password on its first line");
        Path none = folder.resolve("none");
        assertThat(refusal(new PasswordSource(none, null), Map.of()).text())
                .isEqualTo(
                        "the password file " + none + " can not be read\nHINT: it must exist and belong to this user.");
        String hint =
                "\nHINT: run it by hand, as this user, to see why; it has to print the password on its first line.";
        assertThat(refusal(command("echo s3cret; echo s3cret >&2; exit 7"), Map.of())
                        .text())
                .isEqualTo("the password command sh failed with exit code 7" + hint);
        assertThat(refusal(command("true"), Map.of()).text())
                .isEqualTo("the password command sh printed no password" + hint);
        assertThat(refusal(new PasswordSource(null, List.of("/nonexistent/program", "s3cret")), Map.of())
                        .text())
                .isEqualTo("the password command /nonexistent/program can not be started" + hint);
    }

    private String find(PasswordSource source, Map<String, String> environment) {
        return new FindPassword(source, environment, folder.resolve("home")).find(address("h", "u"));
    }

    private BackupException refusal(PasswordSource source, Map<String, String> environment) {
        return catchThrowableOfType(BackupException.class, () -> find(source, environment));
    }

    private static PasswordSource command(String script) {
        return new PasswordSource(null, List.of("sh", "-c", script));
    }

    private static DatabaseAddress address(String host, String user) {
        return new DatabaseAddress(host, null, 5432, "db", user, Map.of());
    }

    private static DatabaseAddress socket(String path) {
        return new DatabaseAddress(null, Path.of(path), 5432, "db", "s", Map.of());
    }

    private static Path write(Path file, String text, String mode) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}

package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @TempDir
    Path folder;

    CommandFixture line;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "| a command is missing | hyperkeep",
                "bakup| there is no command 'bakup'; did you mean 'backup'? | hyperkeep",
                "runs lst| there is no command 'lst'; did you mean 'list'? | hyperkeep runs",
                "config| a command is missing | hyperkeep config",
                "backup --jbos 3| there is no option '--jbos'; did you mean '--jobs'? | hyperkeep backup",
                "backup --jbos=3| there is no option '--jbos'; did you mean '--jobs'? | hyperkeep backup",
                "show a b| 'b' is one argument too many | hyperkeep show",
                "restore| Missing required options and parameters: '--to=URI', 'BACKUP' | hyperkeep restore",
                "runs show x| Invalid value for positional parameter at index 0 (RUN): 'x' is not a long | hyperkeep runs show",
                "backup --jobs| Missing required parameter for option '--jobs' (N) | hyperkeep backup",
                "--output xml runs| Invalid value for option '--output': 'xml' is not one of text, json | hyperkeep",
            })
    void bad_usage_says_what_is_wrong_and_where_help_is(String arguments, String what, String command) {
        Ended ended = arguments == null ? line.run() : line.run(arguments.split(" "));

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .isEqualTo("hyperkeep: " + what + "\nHINT: `" + command + " --help` lists its options and commands.\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "backup --help",
                "backups -h",
                "show -h",
                "restore -h",
                "runs -h",
                "runs list -h",
                "runs show --help",
                "config -h",
                "config example -h",
                "config check -h",
                "config show -h"
            })
    void help_is_a_result(String arguments) {
        Ended ended = line.run(arguments.split(" "));

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out()).startsWith("Usage: hyperkeep").contains("--output=text|json");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void the_version_is_the_builds() {
        assertThat(line.run("--version").out()).matches("hyperkeep [0-9].*\n");
    }

    @Test
    void errors_are_documents_for_scripts_wherever_the_option_stands() {
        String expected = """
                {
                  "error" : {
                    "code" : "usage",
                    "message" : "there is no option '--jbos'; did you mean '--jobs'?",
                    "hint" : "`hyperkeep backup --help` lists its options and commands."
                  }
                }
                """;

        assertThat(line.run("backup", "--jbos", "3", "--output", "json").err()).isEqualTo(expected);
        assertThat(line.run("--output", "json", "backup", "--jbos", "3").err()).isEqualTo(expected);
        line.environment.put("HYPERKEEP_OUTPUT", "json");
        assertThat(line.run("backup", "--jbos", "3").err()).isEqualTo(expected);
    }

    @Test
    void a_password_in_the_wrong_place_is_never_repeated() {
        String uri = "postgresql://u:s3cret@h/db?password=s3cret";

        assertThat(line.run("backup", uri).err()).isEqualTo("""
                hyperkeep: a plan's name is expected here, not a URI
                HINT: give the URI with --database.
                """);
        assertThat(line.run("show", "a", uri).err())
                .contains("is one argument too many")
                .doesNotContain("s3cret");
        assertThat(line.run("show", uri).err()).contains("there is no backup").doesNotContain("s3cret");
        assertThat(line.run(uri).err()).doesNotContain("s3cret");
        assertThat(line.run("backup", "--database", uri, "--repository", "r").err())
                .isEqualTo("""
                        hyperkeep: --database: the database URI holds a password, which everybody on this machine could \
                        read; take it out, and give the password in PGPASSWORD, in ~/.pgpass, or with a password file or \
                        command in the configuration.
                        HINT: --help lists the options of a command.
                        """);
    }

    @Test
    void a_configuration_that_is_wrong_ends_every_command_that_needs_it() {
        line.config("databses: {}\n");

        Ended ended = line.run("runs");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).isEqualTo("""
                hyperkeep: FOLDER/home/hyperkeep.yml:1: databses: there is no such key; did you mean 'databases'?
                HINT: `hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.
                """);
    }

    @Test
    void a_defect_is_told_in_a_line_and_with_its_stack_trace_only_when_asked() {
        line.outcome = () -> {
            throw new IllegalStateException("oh");
        };
        String[] command = {"backup", "--database", "postgresql://h/db", "--repository", "r"};

        Ended ended = line.run(command);
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).isEqualTo("""
                hyperkeep: unexpected IllegalStateException: oh
                HINT: this is a defect in hyperkeep; please report it with what --verbose prints.
                """);
        assertThat(line.engineClosed).isTrue();
        line.environment.put("HYPERKEEP_VERBOSE", "true");
        assertThat(line.run(command).err()).contains("\tat io.hyperkeep.cli.");
    }
}

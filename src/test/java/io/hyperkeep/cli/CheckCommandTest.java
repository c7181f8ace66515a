package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    @RegisterExtension
    static final TimescaleServer SERVER = TimescaleServer.v17();

    @TempDir
    Path folder;

    CommandFixture line;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
        line.environment.put("HYPERKEEP_CLIENT_TOOLS", SERVER.clientTools().toString());
    }

    @Test
    void all_well_is_exit_code_0_in_text_and_json_without_an_engine() throws SQLException {
        String uri = database("good", "CREATE TABLE a (i int)");

        Ended text = line.run("check", "--database", uri, "--repository", "r");
        assertThat(text.err()).isEmpty();
        assertThat(text.out())
                .startsWith("LEVEL  CHECK         WHAT\nOK     connection    ")
                .contains("\nOK     lock-mode     ROW SHARE locks can be had on every table\n")
                .contains("\nOK     repository    FOLDER/r will be created by the first backup\n")
                .endsWith("\n0 errors, 0 warnings\n");
        assertThat(text.exitCode()).isZero();
        Ended json = line.run("check", "--database", uri, "--output", "json");
        assertThat(json.exitCode()).isZero();
        assertThat(json.out())
                .startsWith(
                        "{\n  \"findings\" : [ {\n    \"level\" : \"OK\",\n    \"check\" : \"connection\",\n    \"what\" : \"")
                .contains("\"hint\" : null")
                .endsWith(" ],\n  \"errors\" : 0,\n  \"warnings\" : 0\n}\n");
    }

    @Test
    void warnings_are_exit_code_3_and_hints_stand_below() throws SQLException {
        String uri = database("empty");

        Ended ended = line.run("check", "--database", uri);
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.out())
                .contains("\nWARNING  selection     the database has no tables\n"
                        + "                       HINT: a backup would hold definitions and no rows.\n")
                .endsWith("\n0 errors, 1 warning\n");
    }

    @Test
    void errors_are_exit_code_1_and_12_when_all_are_about_login_or_privileges() throws SQLException {
        Ended unreachable = line.run("check", "--database", "postgresql://u@127.0.0.1:1/db");
        assertThat(unreachable.exitCode()).isEqualTo(1);
        assertThat(unreachable.out()).contains("ERROR  connection  cannot connect to u@127.0.0.1:1/db: ");
        String uri = database("denied");
        Ended denied = line.run("check", "--database", uri.replaceFirst("://[^@]*@", "://nobody%20here@"));
        assertThat(denied.exitCode()).isEqualTo(12);
        assertThat(denied.out()).endsWith("\n1 error, 0 warnings\n").doesNotContain("Exception");
    }

    @Test
    void a_plan_is_checked_with_its_own_settings() throws SQLException {
        String uri = database("planned", "CREATE TABLE a (i int)");
        line.config("""
                databases: {prod: {uri: '%s'}}
                plans: {nightly: {database: prod, repository: ./backups, jobs: 7, lock: light, include: [public.b]}}
                """.formatted(uri));

        Ended ended = line.run("check", "nightly");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.out())
                .contains("no table matches the pattern 'public.b'")
                .contains("a backup with 7 jobs opens 11 connections")
                .contains("lock light: no lock outlives its unit")
                .contains("FOLDER/home/backups will be created by the first backup");
    }

    @Test
    void without_a_database_it_is_a_usage_error() {
        assertThat(line.run("check")).isEqualTo(new Ended(2, "", """
                hyperkeep: a database is missing: name a plan, or give --database
                HINT: --help lists the options of a command.
                """));
        assertThat(line.run("check", "nightly").exitCode()).isEqualTo(10);
    }

    private String database(String name, String... sql) throws SQLException {
        String uri = SERVER.newDatabase(name);
        try (var connection = SERVER.connect(uri);
                var statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
        var password = java.util.regex.Pattern.compile("(://[^:@/]+):([^@/]*)@").matcher(uri);
        if (!password.find()) {
            return uri;
        }
        line.environment.put(
                "HYPERKEEP_PASSWORD_FILE",
                line.write("password", password.group(2)).toString());
        return password.replaceFirst("$1@");
    }
}

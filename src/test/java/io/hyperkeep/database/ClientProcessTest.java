package io.hyperkeep.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientProcessTest {
    @TempDir
    Path folder;

    @Test
    void tells_where_to_connect_by_variables_and_the_password_by_a_file_that_goes() throws IOException {
        ClientTool tool = program("echo \"$@\"; env | grep ^PG | sort; stat -c %a $PGPASSFILE; cat $PGPASSFILE");
        DatabaseAddress address = DatabaseAddress.parse(
                "postgresql://u@h:99/d?sslmode=require&sslrootcert=/r", Map.of(), Path.of("/nonexistent"));
        Connections connections = new Connections(
                new DatabaseSettings("d", address, PasswordSource.LIBPQ, null),
                Map.of(
                        "PGPASSWORD",
                        "s3:cret",
                        "PGOPTIONS",
                        "-c x=y",
                        "PATH",
                        System.getenv("PATH"),
                        "LC_ALL",
                        "de_DE"),
                Path.of("/nonexistent"));
        List<String> lines = ClientProcess.connected(tool, connections, "hyperkeep/test")
                .arguments("--flag")
                .run()
                .output()
                .lines()
                .toList();
        Path passwords = Path.of(lines.stream()
                .filter(line -> line.startsWith("PGPASSFILE="))
                .findFirst()
                .orElseThrow()
                .substring("PGPASSFILE=".length()));
        assertThat(lines)
                .containsExactly(
                        "--no-password --flag",
                        "PGAPPNAME=hyperkeep/test",
                        "PGCLIENTENCODING=UTF8",
                        "PGCONNECT_TIMEOUT=10",
                        "PGDATABASE=d",
                        "PGHOST=h",
                        // the operator's own are gone
                        "PGOPTIONS=-c standard_conforming_strings=on -c backslash_quote=safe_encoding"
                                + " -c array_nulls=on -c transform_null_equals=off -c bytea_output=hex -c xmloption=content"
                                + " -c quote_all_identifiers=off -c gin_fuzzy_search_limit=0"
                                + " -c default_transaction_deferrable=off"
                                + " -c default_transaction_isolation=read\\ committed -c idle_session_timeout=0",
                        "PGPASSFILE=" + passwords,
                        "PGPORT=99",
                        "PGSSLMODE=require",
                        "PGSSLROOTCERT=/r",
                        "PGUSER=u",
                        "600",
                        "*:*:*:*:s3\\:cret");
        assertThat(passwords).doesNotExist();
    }

    @Test
    void fails_with_what_the_program_said() throws IOException {
        ClientTool tool = program("echo 'tool: error: no such thing' >&2; echo 'tool: detail: really' >&2; exit 3");
        BackupException failure = failure(ClientProcess.offline(new ClientTool("pg_dump", tool.path(), 17, 6)));
        assertThat(failure.problem()).isEqualTo(Problem.CLIENT_TOOL);
        assertThat(failure.text())
                .isEqualTo("pg_dump 17.6 (" + tool.path()
                        + ") failed with exit code 3: tool: error: no such thing tool: detail: really");
    }

    @Test
    void reads_both_outputs_of_a_program_that_writes_a_lot() throws IOException {
        ClientTool tool = program("i=0; while [ $i -lt 20000 ]; do echo line $i; echo error $i >&2; i=$((i+1)); done");
        Path output = folder.resolve("out");
        ClientProcess.Ended ended = ClientProcess.offline(tool).output(output).run();
        assertThat(Files.readAllLines(output)).hasSize(20000).endsWith("line 19999");
        assertThat(ended.lines()).hasSize(200).endsWith("error 19999");
    }

    @Test
    void stops_a_program_that_takes_too_long() throws IOException {
        Path pid = folder.resolve("pid");
        ClientTool tool = program("echo $$ > " + pid + "; exec sleep 600");
        BackupException failure = failure(ClientProcess.offline(tool).timeout(Duration.ofSeconds(1)));
        assertThat(failure.text())
                .isEqualTo(
                        "tool 17.6 (" + tool.path()
                                + ") did not end within 1 seconds and was stopped\nHINT: see in pg_stat_activity or pg_locks what it waited for.");
        assertThat(alive(pid)).isFalse();
    }

    @Test
    void stops_the_program_when_it_is_interrupted() throws Exception {
        Path pid = folder.resolve("pid");
        ClientTool tool = program("echo $$ > " + pid + "; exec sleep 600");
        AtomicReference<BackupException> failure = new AtomicReference<>();
        Thread thread = new Thread(() -> failure.set(failure(ClientProcess.offline(tool))));
        thread.start();
        Awaitility.await().until(() -> Files.exists(pid) && Files.size(pid) > 1);
        thread.interrupt();
        thread.join(10_000);
        assertThat(failure.get().problem()).isEqualTo(Problem.INTERRUPTED);
        assertThat(alive(pid)).isFalse();
    }

    @Test
    void tells_harmless_warnings_from_others() {
        ClientMessages messages = ClientMessages.of(List.of(
                "pg_dump: warning: there are circular foreign-key constraints on this table:",
                "pg_dump: detail: continuous_agg",
                "pg_dump: hint: You might not be able to restore the dump without using --disable-triggers.",
                "pg_dump: hint: Consider using a full dump instead of a --data-only dump to avoid this problem.",
                "pg_dump: warning: there are circular foreign-key constraints on this table:",
                "pg_dump: detail: employees",
                "pg_dump: hint: Consider using a full dump instead of a --data-only dump to avoid this problem.",
                "pg_dump: warning: subscriptions not dumped because current user is not a superuser",
                "/opt/17/pg_dump: error: query failed: ERROR:  permission denied for table x",
                "pg_dump: detail: Query was: LOCK TABLE x"));
        assertThat(messages)
                .isEqualTo(new ClientMessages(
                        List.of("query failed: ERROR:  permission denied for table x Query was: LOCK TABLE x"),
                        List.of(
                                "there are circular foreign-key constraints on this table: employees",
                                "subscriptions not dumped because current user is not a superuser"),
                        1));
    }

    private ClientTool program(String body) throws IOException {
        Path file = folder.resolve("tool");
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new ClientTool("tool", file, 17, 6);
    }

    private static BackupException failure(ClientProcess process) {
        return catchThrowableOfType(BackupException.class, process::run);
    }

    private static boolean alive(Path pid) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .map(ProcessHandle::isAlive)
                .orElse(false);
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.ServerLogin;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which runs count as dead when only their heartbeat tells: those of another machine, with the record of runs in
 * PostgreSQL. Other machines and clocks that were set are made by writing to that record.
 */
@Timeout(240)
class LeaseTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final List<String> HEAP = List.of("-Xmx256m");

    @TempDir
    Path folder;

    Operator operator;
    String source;
    String metadata;

    @BeforeEach
    void begin() throws Exception {
        operator = new Operator(folder, server);
        source = server.createDatabase("leased", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.big (id int PRIMARY KEY, big text)",
                "ALTER TABLE public.big ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.big SELECT g, repeat('b', 5000) FROM generate_series(1, 100) g");
        Gate.build(server, source);
        metadata = server.newDatabase("record");
        ServerLogin login = ServerLogin.of(metadata);
        Path home = Files.createDirectories(folder.resolve("home"));
        Path secret = Files.createFile(
                home.resolve("pw"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, login.secret() == null ? "none" : login.secret());
        Files.writeString(
                home.resolve("hyperkeep.yml"),
                "metadata: {url: 'jdbc:postgresql://%s:%s/%s', user: '%s', password-file: pw}%n"
                        .formatted(
                                login.host(),
                                login.port(),
                                login.database(),
                                login.user() == null ? System.getProperty("user.name") : login.user()));
    }

    @Test
    void a_run_of_another_machine_is_dead_after_its_lease_whatever_the_clock_was_set_to() throws Exception {
        killInExport();
        record("UPDATE run SET machine = 'elsewhere', host = 'far', pid = 1, heartbeat = now()");
        refusedAsAlive();
        // the clock of the record was set back since the last beat
        record("UPDATE run SET heartbeat = now() + interval '1 day'");
        refusedAsAlive();
        assertThat(ServerSays.one(server, metadata, "SELECT heartbeat <= now() FROM run"))
                .isEqualTo("t");
        assertThat(operator.run("runs", "list").out()).contains(" RUNNING ");
        record("UPDATE run SET heartbeat = now() - interval '61 s'");
        assertThat(operator.run("runs", "list").out()).contains(" DEAD ");

        Operator.Ended backup = operator.run(operator.backup(source));

        assertThat(backup.exitCode()).as(backup.err()).isEqualTo(0);
        assertThat(backup.err())
                .contains("run 1 is recorded as FAILED now: its process ended without a word: process 1 on far\n");
        assertThat(ServerSays.one(
                        server, metadata, "SELECT state || ' ' || (ended = heartbeat) FROM run WHERE run_id = 1"))
                .isEqualTo("FAILED true");
        assertThat(ServerSays.one(server, metadata, """
                        SELECT status || ' ' || (SELECT count(*) FROM batch_step_execution s
                                                  WHERE s.job_execution_id = e.job_execution_id
                                                    AND s.status NOT IN ('COMPLETED', 'FAILED'))
                          FROM batch_job_execution e WHERE job_execution_id = 1""")).isEqualTo("FAILED 0");
    }

    @Test
    void a_live_run_is_not_taken_for_dead_when_the_clock_jumps_and_ends_when_it_was() throws Exception {
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = operator.fork(HEAP, operator.backup(source))) {
            hurdle.awaitSomebody();
            // as if the clock jumped ten minutes ahead after each beat
            record(
                    "CREATE FUNCTION early() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN NEW.heartbeat := now() - interval ''10 min''; RETURN NEW; END'",
                    "CREATE TRIGGER early BEFORE UPDATE ON run FOR EACH ROW EXECUTE FUNCTION early()",
                    "UPDATE run SET machine = 'elsewhere'");
            assertThat(operator.run("runs", "list").out()).contains(" DEAD ");
            Operator.Ended recover = operator.run("runs", "recover", "1");
            assertThat(recover.exitCode()).as(recover.err()).isEqualTo(11);
            assertThat(recover.failure()).startsWith("hyperkeep: run 1 is running, in process ");

            // and as if somebody had taken it for dead all the same
            record("UPDATE run SET state = 'FAILED'");
            Operator.Ended ended = backup.end();

            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.failure()).isEqualTo("""
                            hyperkeep: run 1 gave no sign of life for so long that it was taken for dead, and its record was closed
                            HINT: was this machine suspended, or the metadata database out of reach? `hyperkeep runs show 1` shows what became of it.
                            """);
        }
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void of_many_restarts_at_once_one_wins() throws Exception {
        killInExport();
        assertThat(operator.run("runs", "recover", "1").exitCode()).isEqualTo(0);
        List<CompletableFuture<Operator.Ended>> restarts = new ArrayList<>();
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export")) {
            for (int i = 0; i < 4; i++) {
                restarts.add(operator.begin("runs", "restart", "1"));
            }
            hurdle.awaitSomebody();
            Awaitility.await("all but one have ended")
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            restarts.stream().filter(CompletableFuture::isDone).count() == 3);
        }
        List<Integer> codes = new ArrayList<>();
        for (CompletableFuture<Operator.Ended> restart : restarts) {
            codes.add(restart.get(60, TimeUnit.SECONDS).exitCode());
        }
        assertThat(codes).containsExactlyInAnyOrder(0, 11, 11, 11);
        assertThat(ServerSays.one(server, metadata, "SELECT count(*) FROM batch_job_execution"))
                .isEqualTo("2");
    }

    private void refusedAsAlive() {
        Operator.Ended ended = operator.run("runs", "recover", "1");
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(11);
        assertThat(ended.failure()).matches("""
                hyperkeep: run 1 is running, in process 1 on far; its last sign of life was \\d+ s ago
                HINT: its process can not be seen from here: it counts as dead after 60 s without a sign of life\\.
                """);
    }

    private void killInExport() throws Exception {
        try (Hurdle hurdle = Hurdle.ofBackup(server, source, "export");
                RunningCommand backup = operator.fork(HEAP, operator.backup(source))) {
            hurdle.awaitSomebody();
            backup.stop("KILL");
        }
        ServerSays.yes(server, source, "no session of the run is left", """
                SELECT NOT EXISTS (SELECT FROM pg_stat_activity
                                    WHERE datname = current_database() AND application_name LIKE 'hyperkeep/%')""");
    }

    private void record(String... statements) throws Exception {
        ServerSays.done(server, metadata, statements);
    }
}

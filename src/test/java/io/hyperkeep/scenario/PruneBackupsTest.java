package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.storage.BackupFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Prunes of backups that share files, beside backups that are about to share them. */
@Timeout(180)
class PruneBackupsTest {
    private static final String[] EVERYTHING = {"prune", "--keep-last", "1", "--keep-leftovers", "1h", "--repository"};

    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void a_prune_and_a_backup_that_reuses_files_of_what_it_would_delete_exclude_each_other() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        backedUp(operator, source, "INSERT INTO public.metrics VALUES ('2026-01-01 12:00', 1)");
        backedUp(operator, source, "INSERT INTO public.metrics VALUES ('2026-01-02 12:00', 1)");
        List<String> before = operator.files();

        CompletableFuture<Operator.Ended> running;
        try (Gate gate = Gate.close(server, source, "dump-schema")) {
            // it has planned: what it can reuse is decided from here on
            running = operator.begin(operator.backup(source, "--unit-size", "8KiB", "--output", "json"));
            gate.awaitSomebody();
            Operator.Ended refused = prune(operator);
            assertThat(refused.exitCode()).isEqualTo(11);
            assertThat(refused.failure())
                    .startsWith("hyperkeep: folder FOLDER/repository/")
                    .contains(" is in use by backup run 3 on ");
            assertThat(operator.files()).containsAll(before);
        }
        Operator.Ended ended = running.get(60, TimeUnit.SECONDS);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.json().get("reusedUnits").asInt()).isPositive();

        Operator.Ended pruned = prune(operator);
        assertThat(pruned.exitCode()).as(pruned.err()).isEqualTo(0);
        assertThat(pruned.out()).contains(": deleted 2 backups, 0 unfinished ones, 2 data files of ");
        assertThat(operator.run("verify", "--repository", operator.repository.toString())
                        .exitCode())
                .isEqualTo(0);
        String target = server.newDatabase("pruned");
        Operator.Ended restored = operator.run(operator.restore("latest", target, "--create-database"));
        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(0);
        assertThat(ServerSays.one(server, target, "SELECT count(*) FROM public.metrics"))
                .isEqualTo(ServerSays.one(server, source, "SELECT count(*) FROM public.metrics"));
    }

    @Test
    void the_lock_of_a_killed_backup_keeps_nobody_out() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = database();
        backedUp(operator, source, "SELECT 1");
        backedUp(operator, source, "SELECT 1");
        BackupFolder kept = operator.newest();
        try (Gate gate = Gate.close(server, source, "dump-schema");
                RunningCommand backup = operator.fork(List.of("-Xmx256m"), operator.backup(source))) {
            gate.awaitSomebody();
            assertThat(prune(operator).exitCode()).isEqualTo(11);
            backup.stop("KILL");
        }
        Operator.Ended pruned = prune(operator);
        assertThat(pruned.exitCode()).as(pruned.err()).isEqualTo(0);
        assertThat(pruned.err()).contains("removed the lock of backup run 3 on ", ", which is dead");
        assertThat(operator.newest().path()).isEqualTo(kept.path());
        assertThat(operator.run("verify", kept.path().toString()).exitCode()).isEqualTo(0);
    }

    private static Operator.Ended prune(Operator operator) {
        return operator.run(Operator.with(EVERYTHING, operator.repository.toString()));
    }

    private static void backedUp(Operator operator, String source, String then) throws Exception {
        Operator.Ended ended = operator.run(operator.backup(source, "--unit-size", "8KiB"));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        ServerSays.done(server, source, then);
        ServerSays.everybodyElseEnded(server, source);
    }

    private static String database() throws Exception {
        String source = server.createDatabase("prune", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 minute', g"
                        + " FROM generate_series(0, 5759) g");
        ServerSays.everybodyElseEnded(server, source);
        Gate.build(server, source);
        return source;
    }
}

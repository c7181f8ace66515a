package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Prunes and verifications as runs: recorded, stopped, restarted. */
@Timeout(120)
class RecordedRunsTest {
    /** Only for its client programs, which neither needs. */
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    Operator operator;
    RepositoryOnDisk repository;

    @BeforeEach
    void begin() {
        operator = new Operator(folder, server);
        repository = new RepositoryOnDisk(operator.repository, "nightly");
        for (String database : new String[] {"prod", "test"}) {
            repository.seal(database, "20261120T021500Z", "same", "old");
            repository.seal(database, "20261121T021500Z", "same", "new");
        }
    }

    @Test
    void a_prune_is_a_run_and_one_database_in_use_keeps_it_from_no_other() {
        String[] prune = {"prune", "--repository", operator.repository.toString(), "--keep-last", "1"};
        FolderLocks locks =
                new FolderLocks(Repository.open(operator.repository).database("prod"), Clock.systemUTC(), text -> {});
        try (FolderLock lock = locks.acquire(FolderUse.BACKUP, "backup run 12", lost -> {})) {
            Operator.Ended ended = operator.run(Operator.with(prune, "--output", "json"));
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(11);
            assertThat(ended.json().get("run").asLong()).isEqualTo(1);
            assertThat(ended.json().get("databases")).hasSize(1);
            lock.requireHeld();
        }
        assertThat(run(0).toString())
                .contains(
                        "\"job\":\"prune\"",
                        "\"database\":\"*\"",
                        "\"state\":\"FAILED\"",
                        "\"units\":2,\"unitsDone\":1");
        assertThat(run(0).get("failure").asString())
                .startsWith("folder ")
                .contains("/prod is in use by backup run 12 on ");
        JsonNode failed = operator.run("runs", "show", "1", "--output", "json")
                .json()
                .get("failedUnits")
                .get(0);
        assertThat(failed.get("label").asString()).isEqualTo("prod");
        assertThat(failed.get("table").isNull()).isTrue();

        assertThat(operator.run(Operator.with(prune, "--dry-run")).exitCode()).isEqualTo(0);
        Operator.Ended restarted = operator.run("runs", "restart", "1", "--output", "json");
        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
        assertThat(restarted
                        .json()
                        .get("databases")
                        .get(0)
                        .get("removedBackups")
                        .asInt())
                .isEqualTo(1);
        assertThat(runs()).containsExactly("2 prune PRUNED", "1 prune FAILED");
        assertThat(Repository.open(operator.repository).backups()).hasSize(2);
        assertThat(operator.run("runs", "restart", "2").failure())
                .isEqualTo(
                        "hyperkeep: run 2 ended as PRUNED: there is nothing to restart\nHINT: start a new prune instead.\n");
    }

    @Test
    void what_a_plan_does_not_say_any_more_is_not_deleted_by_a_restart() throws IOException {
        configure(1);
        stopped("prune", "nightly");
        configure(2);
        Operator.Ended refused = operator.run("runs", "restart", "1");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.failure())
                .isEqualTo(
                        "hyperkeep: run 1 can not be restarted: it pruned by other rules, or elsewhere, than plan"
                                + " 'nightly' says now\nHINT: `hyperkeep prune nightly --dry-run` says what would go by now.\n");
        assertThat(Repository.open(operator.repository).backups()).hasSize(4);

        configure(1);
        assertThat(operator.run("runs", "restart", "1").exitCode()).isEqualTo(0);
        assertThat(Repository.open(operator.repository).backups()).hasSize(3);
        assertThat(run(0).get("plan").asString()).isEqualTo("nightly");
    }

    @Test
    void a_verification_that_finds_damage_is_a_run_that_failed_and_names_the_files() throws IOException {
        String[] verify = {"verify", "--repository", operator.repository.toString(), "--database", "prod", "--record"};
        Operator.Ended whole = operator.run(Operator.with(verify, "--output", "json"));
        assertThat(whole.exitCode()).as(whole.err()).isEqualTo(0);
        assertThat(whole.json().get("run").asLong()).isEqualTo(1);
        Path altered = repository.data("prod", "new");
        Files.writeString(altered, "t\nx\n");
        Operator.Ended damaged = operator.run(verify);
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(damaged.out()).contains("no     data/public.t/");
        assertThat(run(0).get("failure").asString())
                .isEqualTo("backup 20261121T021500Z of prod is damaged: data/public.t/" + altered.getFileName()
                        + ": is 4 bytes long instead of 6");
        repository.data("prod", "new");
        assertThat(operator.run("runs", "restart", "2").out()).contains(" files read, verified in ");
        assertThat(runs()).containsExactly("3 verify VERIFIED", "2 verify FAILED", "1 verify VERIFIED");
        assertThat(operator.run("runs", "show", "3").out()).contains("Units     2 of 2\n");

        // nobody sees that nothing was there to be verified
        Operator.Ended none =
                operator.run("verify", "--repository", operator.repository.toString(), "--database", "prd");
        assertThat(none.exitCode()).isEqualTo(10);
        assertThat(none.failure())
                .startsWith("hyperkeep: there is no backup yet in repository FOLDER/repository, database 'prd'\n");
    }

    /** A run that is stopped while it watches whether somebody elsewhere lives, who does not. */
    private void stopped(String... command) throws IOException {
        Path lock = operator.repository.resolve("prod/locks/elsewhere.json");
        Files.createDirectories(lock.getParent());
        Files.writeString(lock, """
                {"use" : "BACKUP", "what" : "backup run 12", "host" : "nas", "machine" : "m", "pid" : 4711,
                 "started" : 1, "since" : "2026-11-22T02:15:00Z"}""");
        CompletableFuture<Operator.Ended> running = operator.begin(command);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> runs().equals(List.of("1 prune RUNNING"))
                        && run(0).get("units").asInt() == 1);
        Operator.Ended stop = operator.run("runs", "stop", "1");
        assertThat(stop.exitCode()).as(stop.err()).isEqualTo(0);
        Operator.Ended ended = running.orTimeout(60, TimeUnit.SECONDS).join();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(130);
        assertThat(ended.failure())
                .isEqualTo("hyperkeep: the prune was stopped before its end\nHINT: `hyperkeep runs restart 1` tries it"
                        + " again and repeats only what is needed\n");
        assertThat(runs()).containsExactly("1 prune STOPPED");
        Files.delete(lock);
    }

    private void configure(int kept) throws IOException {
        Path home = Files.createDirectories(folder.resolve("home"));
        Files.writeString(home.resolve("hyperkeep.yml"), """
                databases: {prod: {uri: 'postgresql://127.0.0.1:9/prod'}}
                plans: {nightly: {database: prod, repository: '%s', retention: {keep-last: %d}}}
                """.formatted(operator.repository, kept));
    }

    private JsonNode run(int index) {
        return operator.run("runs", "list", "--output", "json")
                .json()
                .get("runs")
                .get(index);
    }

    private List<String> runs() {
        return operator.run("runs", "list", "--output", "json")
                .json()
                .get("runs")
                .valueStream()
                .map(run -> run.get("run").asLong() + " " + run.get("job").asString() + " "
                        + run.get("state").asString())
                .toList();
    }
}

package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Plans whose backups are followed by a prune. */
@Timeout(180)
class RetentionTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void a_plans_backup_is_followed_by_a_prune_of_the_plans_backups() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = server.createDatabase("retention", false);
        ServerSays.done(
                server, source, "CREATE TABLE public.a AS SELECT 1 AS n", "CREATE TABLE public.b AS SELECT 2 AS n");
        configure(operator, source);

        backup(operator, "part", 0);
        backup(operator, "nightly", 0);
        backup(operator, "kept", 0);
        backup(operator, "kept", 0);
        assertThat(plans(operator))
                .as("nothing was to be pruned yet")
                .containsExactly("part", "nightly", "kept", "kept");
        String first = operator.newest().id();
        backup(operator, "nightly", 0);
        assertThat(plans(operator)).containsExactly("part", "kept", "kept", "nightly");
        assertThat(newestRuns(operator)).startsWith("8 prune nightly PRUNED", "7 backup nightly SEALED");
        assertThat(operator.run("backups", "pin", "nightly/latest").exitCode()).isEqualTo(0);

        // a reader goes with a backup, and keeps its prune away
        FolderLocks locks =
                new FolderLocks(Repository.open(operator.repository).databases().get(0), Clock.systemUTC(), text -> {});
        try (FolderLock lock = locks.acquire(FolderUse.READ, "a verification", lost -> {})) {
            backup(operator, "part", 3);
            lock.requireHeld();
        }
        assertThat(newestRuns(operator)).startsWith("10 prune part FAILED", "9 backup part SEALED");
        assertThat(operator.run("runs", "restart", "10").exitCode()).isEqualTo(0);
        assertThat(plans(operator)).containsExactly("kept", "kept", "nightly", "part");

        Operator.Ended whole = operator.run("backup", "nightly", "--output", "json");
        assertThat(whole.exitCode()).as(whole.err()).isEqualTo(0);
        assertThat(operator.run("prune", "nightly", "--dry-run").out().lines().map(line -> line.replaceAll(".*  ", "")))
                .contains("the newest good one, last 1 of 1", "pinned", "of plan kept", "of plan part");
        assertThat(operator.run("backups", "nightly", "--output", "json").out()).contains("\"plan\" : \"kept\"");
        assertThat(first).isNotEqualTo(operator.newest().id());
    }

    private static void backup(Operator operator, String plan, int exitCode) {
        Operator.Ended ended = operator.run("backup", plan);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(exitCode);
        if (exitCode == 3) {
            assertThat(ended.out()).startsWith("backup ").contains(" sealed in ");
            assertThat(ended.err())
                    .containsPattern("WARNING: older backups were not all deleted that the plan does not keep:"
                            + " prune run [0-9]+ failed: folder FOLDER/repository/.* is in use by a verification on ");
        }
    }

    private static void configure(Operator operator, String source) throws IOException {
        Path home = Files.createDirectories(operator.folder.resolve("home"));
        Files.writeString(
                home.resolve("hyperkeep.yml"), """
                databases: {prod: {uri: '%s', client-tools: '%s'}}
                defaults: {database: prod, repository: '%s', retention: {keep-last: 1}}
                plans:
                  nightly: {}
                  part: {include: [public.a]}
                  kept: {prune-after-backup: false}
                """.formatted(source, server.clientTools(), operator.repository));
    }

    private static List<String> plans(Operator operator) {
        return Repository.open(operator.repository).backups().stream()
                .map(BackupFolder::manifest)
                .map(manifest -> String.valueOf(manifest.plan()))
                .toList();
    }

    private static List<String> newestRuns(Operator operator) {
        return operator.run("runs", "list", "--output", "json")
                .json()
                .get("runs")
                .valueStream()
                .map(run -> run.get("run").asLong() + " " + run.get("job").asString() + " "
                        + run.get("plan").asString() + " " + run.get("state").asString())
                .toList();
    }
}

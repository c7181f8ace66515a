package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.RunningCommand;
import io.hyperkeep.storage.Repository;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a prune: every backup is whole or none, and the restarted run finishes. */
@Timeout(1800)
class PruneKilledTest {
    /** Only for its client programs, which no prune needs. */
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final int BACKUPS = 30;
    private static final int FILES = 12;
    private static final int KEPT = 3;

    @TempDir
    Path folder;

    @Test
    void killed_at_random_moments() throws Exception {
        killed(3);
    }

    @Test
    @Tag("long")
    void killed_at_thirty_random_moments() throws Exception {
        killed(30);
    }

    private void killed(int times) throws Exception {
        Tally tally = new Tally("prune", times);
        while (tally.wantsMore()) {
            Operator operator = new Operator(Files.createTempDirectory(folder, "round"), server);
            fill(operator.repository, tally.random());
            Path database = operator.repository.resolve("prod");
            List<String> before = operator.files();
            int deleted = 1 + tally.random().nextInt(before.size() * 4 / 5);
            String[] prune = {
                "prune", "--repository", operator.repository.toString(), "--keep-last", Integer.toString(KEPT)
            };
            boolean killed;
            try (RunningCommand running = operator.fork(List.of("-Xmx128m"), prune)) {
                killed = tally.kill(running, () -> before.size() - count(database) >= deleted);
            }
            if (killed) {
                int left = Leftovers.requireWholeBackups(operator, tally.round());
                tally.in(left > KEPT ? "unseal" : hasGarbage(operator) ? "sweep" : "folders");
                // what it left is kept as long as what a failed backup left, which could be restarted
                age(operator.repository.toFile());
                Operator.Ended ended = operator.run("runs", "restart", "1");
                assertThat(ended.exitCode())
                        .as(tally.round() + ": " + ended.err())
                        .isEqualTo(0);
                assertThat(Leftovers.runs(operator)).as(tally.round()).containsExactly("2 PRUNED", "1 FAILED");
                tally.restarted();
                Leftovers.requireNone(operator, tally.round());
                assertThat(Leftovers.requireWholeBackups(operator, tally.round()))
                        .isEqualTo(KEPT);
                assertThat(operator.files()).as(tally.round()).isEqualTo(needed(operator));
                tally.equal();
            }
        }
        tally.print();
    }

    /** Each backup has some files of the one before, and some that no other has. */
    private static void fill(Path root, Random random) {
        RepositoryOnDisk repository = new RepositoryOnDisk(root);
        String[] contents = new String[FILES];
        for (int backup = 1; backup <= BACKUPS; backup++) {
            for (int file = 0; file < FILES; file++) {
                if (contents[file] == null || random.nextInt(3) == 0) {
                    contents[file] = "f" + file + "b" + backup;
                }
            }
            repository.seal("prod", "202601%02dT020000Z".formatted(backup), contents.clone());
        }
    }

    /** What the backups that stay are made of, by their manifests; and nothing else. */
    private static List<String> needed(Operator operator) {
        Stream<String> data = Repository.open(operator.repository).backups().stream()
                .flatMap(backup -> backup.manifest().tables().stream())
                .flatMap(table -> table.units().stream())
                .map(unit -> "prod/" + unit.file())
                .distinct();
        Stream<String> folders = operator.files().stream().filter(file -> !file.contains("/data/"));
        return Stream.concat(data, folders).sorted().toList();
    }

    private static boolean hasGarbage(Operator operator) {
        return !operator.files().equals(needed(operator));
    }

    private static void age(File file) {
        File[] entries = file.listFiles();
        for (File entry : entries == null ? new File[0] : entries) {
            age(entry);
        }
        assertThat(file.setLastModified(
                        System.currentTimeMillis() - Duration.ofDays(2).toMillis()))
                .isTrue();
    }

    private static long count(Path folder) {
        // what is deleted while it is looked for is no error
        return Draft.below(folder.toFile()).size();
    }
}

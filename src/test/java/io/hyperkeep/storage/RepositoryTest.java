package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.problem.BackupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
    private static final int CREATORS = 4;
    private static final int ROUNDS = 200;

    @TempDir
    Path folder;

    @Test
    void a_creation_that_was_killed_is_done_again() throws Exception {
        Files.writeString(folder.resolve(".hyperkeep.json.tmp"), "{\n  \"form");

        Repository created = Repository.openOrCreate(folder);

        assertThat(created.id()).isEqualTo(Repository.open(folder).id()).isNotEmpty();
        assertThat(folder.resolve(".hyperkeep.json.tmp")).doesNotExist();
    }

    /** The first backups of two plans, by a daemon or by cron, begin at the same moment. */
    @Test
    void those_who_create_it_at_the_same_time_all_get_the_same_one() throws Exception {
        ExecutorService creators = Executors.newFixedThreadPool(CREATORS);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Path root = folder.resolve("round-" + round);
                CyclicBarrier together = new CyclicBarrier(CREATORS);
                List<Callable<Path>> all = Collections.nCopies(CREATORS, () -> {
                    together.await();
                    Repository repository = Repository.openOrCreate(root);
                    Files.createDirectories(root.resolve("a-database/backups"));
                    return repository.root();
                });
                for (Future<Path> one : creators.invokeAll(all)) {
                    assertThat(one.get()).isEqualTo(root);
                }
                assertThat(Repository.open(root).id()).isNotEmpty();
                try (Stream<Path> files = Files.list(root)) {
                    assertThat(files.map(file -> file.getFileName().toString()))
                            .containsExactlyInAnyOrder("hyperkeep.json", "a-database");
                }
            }
        } finally {
            creators.shutdownNow();
        }
    }

    @Test
    void a_folder_with_anything_else_is_refused() throws Exception {
        Files.writeString(folder.resolve("notes.txt.tmp"), "");

        assertThatThrownBy(() -> Repository.openOrCreate(folder))
                .isInstanceOf(BackupException.class)
                .hasMessage("the folder " + folder + " is not a repository, and not empty: it has notes.txt.tmp");
    }

    /** What cannot be looked at is not what is not there. */
    @Test
    void a_backup_that_cannot_be_looked_at_is_an_error() throws Exception {
        Repository repository = Repository.openOrCreate(folder);
        Path backup = Files.createDirectories(folder.resolve("db/backups/20260101T000000Z"));
        assertThat(repository.backups()).isEmpty();
        Path manifest = backup.resolve("manifest.json");
        Files.createSymbolicLink(manifest, manifest.getFileName());

        assertThatThrownBy(repository::backups)
                .isInstanceOf(BackupException.class)
                .hasMessageStartingWith("cannot read " + manifest + ": too many levels of symbolic links");
        Files.delete(manifest);
        assertThat(repository.backups()).isEmpty();
    }

    @Test
    void a_file_in_place_of_a_folder_holds_no_backup() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(Repository.isIn(file)).isFalse();
        assertThat(new BackupFolder(file).isSealed()).isFalse();
    }
}

package io.hyperkeep.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.LocalStore;
import io.hyperkeep.verify.VerifyFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruneTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    @Test
    void the_backup_and_the_files_that_only_it_needs_go() {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        Path old = repository.seal("prod", "20261120T021500Z", "shared", "old");
        Path kept = repository.seal("prod", "20261121T021500Z", "shared", "new");
        Path other = repository.seal("other", "20261101T021500Z", "old");

        PrunePlan plan = prune(new LocalStore(folder), keepLast(1), DAY);

        assertThat(plan.going()).extracting(backup -> backup.folder().path()).containsExactly(old);
        assertThat(plan.garbage()).hasSize(1);
        assertThat(plan.bytes()).isEqualTo("t\nold\n".length());
        assertThat(old).doesNotExist();
        assertThat(repository.files())
                .filteredOn(file -> file.startsWith("prod/data"))
                .hasSize(2);
        assertWhole(kept);
        assertWhole(other);
        assertThat(repository.files()).noneMatch(file -> file.contains("/locks/"));
    }

    @Test
    void the_archive_of_a_whole_database_goes_with_its_backup() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        Path old = repository.seal("prod", "20261120T021500Z");
        for (String file : List.of("dump/toc.dat", "dump/4711.dat.zst", "restore/1-pre-data.list")) {
            Files.createDirectories(old.resolve(file).getParent());
            Files.writeString(old.resolve(file), "archive");
        }
        repository.seal("prod", "20261121T021500Z");

        prune(new LocalStore(folder), keepLast(1), DAY);

        assertThat(old).doesNotExist();
    }

    @Test
    void a_table_that_no_backup_has_any_more_leaves_no_folder() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("prod", "20261121T021500Z");
        Path file = repository.data("prod", "of a failed run");
        age(file, Duration.ofHours(25));

        assertThat(prune(new LocalStore(folder), keepLast(1), DAY).garbage()).hasSize(1);
        assertThat(file.getParent()).doesNotExist();
    }

    @Test
    void what_a_failed_run_left_stays_until_nobody_restarts_it() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("prod", "20261121T021500Z", "a");
        List<Path> young = leftovers(repository, "20261122T021500Z", "young", Duration.ofHours(23));
        List<Path> old = leftovers(repository, "20261120T021500Z", "old", Duration.ofHours(25));
        Path notOurs = Files.writeString(young.get(0).getParent().resolve("notes.txt"), "mine");
        age(notOurs, Duration.ofDays(99));
        Path strange = Files.createDirectories(folder.resolve("prod/backups/mine"));
        age(strange, Duration.ofDays(99));

        PrunePlan plan = prune(new LocalStore(folder), keepLast(9), DAY);

        assertThat(plan.unfinished()).containsExactly("20261120T021500Z");
        assertThat(old).allSatisfy(file -> assertThat(file).doesNotExist());
        assertThat(young).allSatisfy(file -> assertThat(file).exists());
        assertThat(notOurs).exists();
        assertThat(strange).exists();
    }

    @Test
    void evidence_of_drills_stays_with_its_backup_and_for_a_year_afterwards() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("prod", "20261121T021500Z", "a");
        Path drills = Files.createDirectories(folder.resolve("prod/drills"));
        Path ofKept = Files.writeString(drills.resolve("20261121T021500Z-7-0123456789ab.json"), "{}");
        Path ofGone = Files.writeString(drills.resolve("20250101T021500Z-3-0123456789ab.json"), "{}");
        Path young = Files.writeString(drills.resolve("20251120T021500Z-5-0123456789ab.json"), "{}");
        Path notOurs = Files.writeString(drills.resolve("notes.json"), "mine");
        for (Path file : List.of(ofKept, ofGone, notOurs)) {
            age(file, Duration.ofDays(400));
        }
        age(young, Duration.ofDays(300));

        prune(new LocalStore(folder), keepLast(1), DAY);

        assertThat(ofGone).doesNotExist();
        assertThat(List.of(ofKept, young, notOurs))
                .allSatisfy(file -> assertThat(file).exists());
    }

    private static List<Path> leftovers(RepositoryOnDisk repository, String id, String content, Duration age)
            throws IOException {
        Path data = repository.data("prod", content);
        Path half = Files.writeString(data.resolveSibling("." + content + ".tmp"), "half");
        Path folder = Files.createDirectories(data.getParent()
                .getParent()
                .resolveSibling("backups")
                .resolve(id)
                .resolve("schema"));
        Path sql = Files.writeString(folder.resolve("pre-data.sql"), "--");
        List<Path> all = List.of(data, half, sql, folder, folder.getParent());
        for (Path file : all) {
            age(file, age);
        }
        return all;
    }

    @Test
    void a_manifest_that_can_not_be_read_stops_it_by_name_before_anything_is_deleted() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("prod", "20261120T021500Z", "a");
        Path broken = repository.seal("prod", "20261121T021500Z", "b").resolve("manifest.json");
        repository.seal("prod", "20261122T021500Z", "c");
        Files.writeString(broken, Files.readString(broken).replace("\"run\" : 1", "\"run\" : 2"));
        List<String> before = repository.files();

        assertThatThrownBy(() -> prune(new LocalStore(folder), keepLast(1), DAY))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.DAMAGED);
                    assertThat(e.text().replace(folder.toString(), "FOLDER"))
                            .isEqualTo(
                                    "nothing of FOLDER/prod was deleted, because what backup 20261121T021500Z needs is"
                                            + " not known: cannot read FOLDER/prod/backups/20261121T021500Z/manifest.json: it is"
                                            + " cut or altered: its checksum is not the one in manifest.json.sha256\n"
                                            + "HINT: copy the file again from where the backup was copied from, or use another"
                                            + " backup; if you give that backup up, delete its manifest.json, and prune again");
                });
        assertThat(repository.files()).isEqualTo(before);
    }

    @Test
    void a_damaged_backup_stands_in_for_nobody_and_stays_to_be_looked_at() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        Path good = repository.seal("prod", "20261120T021500Z", "a");
        Path cut = repository.seal("prod", "20261121T021500Z", "b");
        Path missing = repository.seal("prod", "20261122T021500Z", "c");
        Path noSchema = repository.seal("prod", "20261123T021500Z", "a");
        Files.writeString(repository.data("prod", "b"), "t\n");
        Files.delete(repository.data("prod", "c"));
        Files.delete(noSchema.resolve("schema/pre-data.sql"));

        PrunePlan plan = prune(new LocalStore(folder), keepLast(1), DAY);

        assertThat(plan.going()).isEmpty();
        assertThat(plan.decisions())
                .extracting(decision -> decision.backup().id() + ": " + decision.why())
                .containsExactly(
                        "20261123T021500Z: damaged, no rule counts it",
                        "20261122T021500Z: damaged, no rule counts it",
                        "20261121T021500Z: damaged, no rule counts it",
                        "20261120T021500Z: the newest good one, last 1 of 1");
        assertWhole(good);
        assertThat(cut).exists();
        assertThat(missing).exists();
    }

    @Test
    void a_pinned_backup_stays() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        Path pinned = repository.seal("prod", "20261120T021500Z", "a");
        repository.seal("prod", "20261121T021500Z", "b");
        Files.writeString(pinned.resolve("pinned"), "");

        prune(new LocalStore(folder), keepLast(1), DAY);
        assertWhole(pinned);
    }

    @Test
    void something_in_a_backups_folder_that_is_not_ours_is_left_and_named_when_all_else_is_done() throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        Path old = repository.seal("prod", "20261120T021500Z", "a");
        Path older = repository.seal("prod", "20261119T021500Z", "b");
        repository.seal("prod", "20261121T021500Z", "c");
        Path mine = Files.createDirectories(old.resolve("mine"));
        Files.writeString(mine.resolve("notes.txt"), "mine");

        assertThatThrownBy(() -> prune(new LocalStore(folder), keepLast(1), DAY))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.STORAGE);
                    assertThat(e.text().replace(folder.toString(), "FOLDER"))
                            .isEqualTo(
                                    "everything else was pruned, but folders in FOLDER/prod/backups hold something that"
                                            + " is not hyperkeep's: 20261120T021500Z\n"
                                            + "HINT: move that elsewhere, and delete these folders: they are no backups any more");
                });
        assertThat(mine.resolve("notes.txt")).exists();
        assertThat(older).doesNotExist();
        assertThat(repository.files())
                .filteredOn(file -> file.startsWith("prod/data"))
                .hasSize(1);
    }

    /** Dies at every operation that it ever does, with and without the power. */
    @Test
    void wherever_it_dies_every_backup_is_whole_or_none_and_the_next_one_finishes() throws IOException {
        PruneRules rules = keepLast(2);
        Path undisturbed = folder.resolve("undisturbed");
        filled(undisturbed);
        prune(new LocalStore(undisturbed), rules, undisturbed, Duration.ZERO);
        List<String> expected = files(undisturbed);
        int deaths = 0;
        boolean died = true;
        for (int operations = 1; died; operations++) {
            Path root = folder.resolve(String.valueOf(operations));
            filled(root);
            DyingStore store = new DyingStore(root, operations);
            died = dies(store, rules, root);
            Random random = new Random(operations);
            if (random.nextInt(3) > 0) {
                store.losePower(random);
            }
            // the process is dead, and so is its lock
            deleteLocks(root);

            DatabaseFolder left = new DatabaseFolder(new LocalStore(root), root, "prod");
            assertThat(left.backups())
                    .as("operation %d", operations)
                    .extracting(BackupFolder::id)
                    .contains("20261121T021500Z", "20261122T021500Z");
            left.backups().forEach(backup -> assertWhole(backup.path()));
            prune(new LocalStore(root), rules, root, Duration.ZERO);
            assertThat(files(root)).as("operation %d", operations).isEqualTo(expected);
            deaths += died ? 1 : 0;
        }
        System.out.println("PruneTest: " + deaths + " deaths, each followed by a prune that finished");
        assertThat(deaths).isGreaterThan(60);
    }

    private static void filled(Path root) throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(root);
        repository.seal("prod", "20261119T021500Z", "every", "old", "19");
        repository.seal("prod", "20261120T021500Z", "every", "some", "20");
        repository.seal("prod", "20261121T021500Z", "every", "some", "21");
        repository.seal("prod", "20261122T021500Z", "every", "some", "22");
        leftovers(repository, "20261122T100000Z", "left", DAY);
    }

    private static boolean dies(DyingStore store, PruneRules rules, Path root) {
        try {
            prune(store, rules, root, Duration.ZERO);
            return false;
        } catch (DyingStore.Died e) {
            return true;
        }
    }

    /** Backups that refer to files of earlier ones, beside prunes that delete nearly everything. */
    @Test
    void a_backup_that_reuses_files_and_a_prune_never_meet() throws Exception {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("prod", "20200101T000000Z", "first");
        DatabaseFolder prod = new DatabaseFolder(new LocalStore(folder), folder, "prod");
        AtomicInteger backups = new AtomicInteger();
        AtomicInteger prunes = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Instant end = Instant.now().plusSeconds(6);
        Callable<Void> backup = () -> {
            while (Instant.now().isBefore(end)) {
                attempt(refused, () -> reuse(prod, repository, backups.incrementAndGet()));
            }
            return null;
        };
        Callable<Void> prune = () -> {
            while (Instant.now().isBefore(end)) {
                attempt(refused, () -> {
                    prune(new LocalStore(folder), keepLast(1), folder, Duration.ZERO);
                    prunes.incrementAndGet();
                });
            }
            return null;
        };
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            for (Future<Void> one : pool.invokeAll(List.of(backup, prune, prune))) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
        System.out.println("PruneTest: " + backups + " backups, " + prunes + " prunes, " + refused + " refused");
        assertThat(prunes).hasPositiveValue();
        assertThat(prod.backups()).isNotEmpty();
        prod.backups().forEach(left -> assertWhole(left.path()));
    }

    /** As a backup does it: looks for what it can reuse only when it has the lock, and seals before it gives it back. */
    private void reuse(DatabaseFolder prod, RepositoryOnDisk repository, int number) {
        try (FolderLock lock = locks(prod).acquire(FolderUse.BACKUP, "backup", lost -> {})) {
            List<BackupFolder> sealed = prod.backups();
            BackupFolder last = sealed.get(sealed.size() - 1);
            List<String> contents = new ArrayList<>();
            last.manifest().tables().get(0).units().forEach(unit -> {
                assertThat(last.file(unit)).exists();
                contents.add(content(last.file(unit)));
            });
            contents.add("new " + number);
            lock.requireHeld();
            repository.seal(
                    "prod",
                    "20260101T%02d%02d%02dZ".formatted(number / 3600, number / 60 % 60, number % 60),
                    contents.subList(Math.max(0, contents.size() - 5), contents.size())
                            .toArray(String[]::new));
            lock.requireHeld();
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).substring(2).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void attempt(AtomicInteger refused, Runnable work) {
        try {
            work.run();
        } catch (BackupException e) {
            assertThat(e.problem()).as(e.text()).isEqualTo(Problem.LOCKED);
            refused.incrementAndGet();
        }
    }

    @Test
    void a_prune_beside_a_reader_is_refused_and_deletes_nothing() {
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("prod", "20261120T021500Z", "a");
        repository.seal("prod", "20261121T021500Z", "b");
        DatabaseFolder prod = new DatabaseFolder(new LocalStore(folder), folder, "prod");
        List<String> before = repository.files();
        try (FolderLock lock = locks(prod).acquire(FolderUse.READ, "restore run 3", lost -> {})) {
            assertThatThrownBy(() -> prune(new LocalStore(folder), keepLast(1), DAY))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.problem()).isEqualTo(Problem.LOCKED))
                    .hasMessageContaining("/prod is in use by restore run 3 on ");
            lock.requireHeld();
        }
        assertThat(repository.files()).isEqualTo(before);
    }

    private PrunePlan prune(BackupStore store, PruneRules rules, Duration leftovers) {
        return prune(store, rules, folder, leftovers);
    }

    private static PrunePlan prune(BackupStore store, PruneRules rules, Path root, Duration leftovers) {
        DatabaseFolder prod = new DatabaseFolder(store, root, "prod");
        return new Prune(prod, locks(prod), new PruneRules(null, rules.backups(), leftovers), Clock.systemUTC())
                .run("prune", new RunProgress());
    }

    private static FolderLocks locks(DatabaseFolder folder) {
        return new FolderLocks(folder, Clock.systemUTC(), line -> {});
    }

    private static PruneRules keepLast(int count) {
        return new PruneRules(null, new RetentionRules(count, null, Map.of(), 1, ZoneOffset.UTC), DAY);
    }

    private static void assertWhole(Path backup) {
        assertThat(new VerifyFiles(new BackupFolder(backup), new RunProgress()).run(1))
                .isEmpty();
    }

    private static void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private static void deleteLocks(Path root) throws IOException {
        Path locks = root.resolve("prod/locks");
        if (Files.isDirectory(locks)) {
            try (var files = Files.list(locks)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<String> files(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString())
                    .filter(file -> !file.startsWith("prod/locks"))
                    .sorted()
                    .toList();
        }
    }
}

package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProcess;
import io.hyperkeep.storage.FolderLocks.Timing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FolderLocksTest {
    private static final RunProcess ELSEWHERE = new RunProcess("nas", "another machine", 4711, 1L);
    private static final Timing FAST = new Timing(Duration.ofMillis(20), Duration.ofMillis(600));

    @TempDir
    Path root;

    final List<String> log = Collections.synchronizedList(new ArrayList<>());
    final List<BackupException> lost = Collections.synchronizedList(new ArrayList<>());

    DatabaseFolder folder;

    @BeforeEach
    void begin() {
        folder = new DatabaseFolder(new LocalStore(root), root, "prod");
    }

    @ParameterizedTest
    @CsvSource({
        "READ, READ, true",
        "READ, BACKUP, true",
        "READ, PRUNE, false",
        "BACKUP, READ, true",
        "BACKUP, BACKUP, false",
        "BACKUP, PRUNE, false",
        "PRUNE, READ, false",
        "PRUNE, BACKUP, false",
        "PRUNE, PRUNE, false",
    })
    void two_uses_go_with_each_other_or_not(FolderUse first, FolderUse second, boolean together) {
        try (FolderLock held = here().acquire(first, "first", lost::add)) {
            if (together) {
                here().acquire(second, "second", lost::add).close();
            } else {
                assertThatThrownBy(() -> here().acquire(second, "second", lost::add))
                        .isInstanceOf(BackupException.class);
            }
            held.requireHeld();
        }
        assertThat(lockFiles()).isEmpty();
        here().acquire(second, "second", lost::add).close();
        assertThat(lost).isEmpty();
    }

    @Test
    void another_user_than_the_owner_reads_but_writes_nothing() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a file away");
        Repository.openOrCreate(root);
        Files.setOwner(
                root.resolve("hyperkeep.json"),
                root.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));

        for (FolderUse use : List.of(FolderUse.BACKUP, FolderUse.PRUNE)) {
            assertThatThrownBy(() -> here().acquire(use, "it", lost::add))
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(e.problem()).isEqualTo(Problem.DENIED);
                        assertThat(e.hint())
                                .isEqualTo("run hyperkeep as user nobody, or give the whole repository to one user"
                                        + " with chown -R.");
                    })
                    .hasMessage("repository " + root + " belongs to user nobody, and this process runs as user root:"
                            + " what it writes there could not be read by the owner");
        }
        assertThat(here().acquireToRead("it", lost::add)).isEmpty();
        assertThat(root.resolve("prod")).doesNotExist();
    }

    @Test
    void the_refusal_names_the_holder() {
        RunProcess process = RunProcess.current();
        Clock clock = Clock.fixed(Instant.parse("2026-11-22T02:15:00Z"), ZoneOffset.UTC);
        FolderLocks locks = new FolderLocks(folder, process, clock, Timing.STANDARD, log::add);
        try (FolderLock held = locks.acquire(FolderUse.BACKUP, "backup run 12", lost::add)) {
            held.requireHeld();
            String holder = "folder " + root.resolve("prod") + " is in use by backup run 12 on " + process.host()
                    + ", process " + process.pid() + ", since 2026-11-22 02:15:00 UTC\n";
            refused(
                    FolderUse.BACKUP,
                    holder
                            + "HINT: wait for it to end. If it backs up another database of the same name, give one of them"
                            + " another name in the configuration, or a repository of its own");
            refused(
                    FolderUse.PRUNE,
                    holder + "HINT: try again when that has ended; `hyperkeep runs list`, on that machine, names it");
        }
    }

    @Test
    void a_holder_whose_process_is_gone_is_not_waited_for() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        RunProcess here = RunProcess.current();
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        RunProcess dead = new RunProcess(here.host(), here.machine(), process.pid(), 1L);
        abandoned(dead);

        here().acquire(FolderUse.PRUNE, "prune", lost::add).close();
        assertThat(lockFiles()).isEmpty();
        assertThat(log).hasSize(1).first().asString().startsWith("removed the lock of backup run 12 on ");
    }

    @Test
    void a_process_number_that_was_used_again_is_another_process() throws Exception {
        RunProcess here = RunProcess.current();
        abandoned(new RunProcess(here.host(), here.machine(), here.pid(), 1L));

        here().acquire(FolderUse.PRUNE, "prune", lost::add).close();
        assertThat(lockFiles()).isEmpty();
    }

    @Test
    void a_holder_elsewhere_that_is_silent_is_dead_and_one_that_is_not_lives() throws Exception {
        abandoned(ELSEWHERE);
        here().acquire(FolderUse.PRUNE, "prune", lost::add).close();
        assertThat(log).hasSize(2);
        assertThat(log.get(0))
                .startsWith(
                        "folder " + root.resolve("prod") + " is in use by backup run 12 on nas, process 4711, since ")
                .endsWith(": watching for up to 0 s whether it lives");

        try (FolderLock held = elsewhere().acquire(FolderUse.BACKUP, "backup run 12", lost::add)) {
            refused(FolderUse.PRUNE, null);
            held.requireHeld();
        }
    }

    @Test
    void whatever_its_clock_says() throws Exception {
        for (Instant set : List.of(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"))) {
            Clock wrong = Clock.tick(
                    Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), set)), Duration.ofMillis(1));
            FolderLocks locks = new FolderLocks(folder, ELSEWHERE, wrong, FAST, log::add);
            try (FolderLock held = locks.acquire(FolderUse.BACKUP, "backup run 12", lost::add)) {
                refused(FolderUse.PRUNE, null);
                held.requireHeld();
            }
        }
    }

    @Test
    void a_lock_that_can_not_be_read_may_be_anybodys_until_it_is_silent() throws Exception {
        Path file = root.resolve("prod/locks/x.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{");
        here().acquire(FolderUse.READ, "verify", lost::add).close();
        assertThat(file).doesNotExist();
        assertThat(log.get(0)).contains("is in use by somebody whose lock can not be read, x.json: watching");
    }

    @Test
    void who_was_taken_for_dead_is_told_and_does_not_come_back() throws Exception {
        try (FolderLock held = elsewhere().acquire(FolderUse.BACKUP, "backup run 12", lost::add)) {
            for (Path file : lockFiles()) {
                Files.delete(file);
            }
            assertThatThrownBy(held::requireHeld).isInstanceOfSatisfying(BackupException.class, e -> {
                assertThat(e.problem()).isEqualTo(Problem.LOCKED);
                assertThat(e.text())
                        .isEqualTo(
                                "lost the lock on folder " + root.resolve("prod")
                                        + ": this process showed no sign of life for so long that another one went on without it\n"
                                        + "HINT: was this machine suspended, or the repository's file system away? Run it again");
            });
            await().atMost(Duration.ofSeconds(10)).until(() -> !lost.isEmpty());
            assertThat(lost).hasSize(1);
            assertThat(lockFiles()).isEmpty();
        }
    }

    /** Many at once, again and again: never two in the folder, and in the end everybody had it or was refused. */
    @Test
    void of_many_who_come_at_the_same_time_at_most_one_gets_it() throws Exception {
        int threads = 4;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger succeeded = new AtomicInteger();
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 5; round++) {
                List<Callable<Boolean>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    FolderUse use = i % 2 == 0 ? FolderUse.PRUNE : FolderUse.BACKUP;
                    all.add(() -> {
                        together.await(10, TimeUnit.SECONDS);
                        try (FolderLock held = here().acquire(use, "test", lost::add)) {
                            assertThat(inside.incrementAndGet()).isEqualTo(1);
                            held.requireHeld();
                            inside.decrementAndGet();
                            succeeded.incrementAndGet();
                            return true;
                        } catch (BackupException e) {
                            assertThat(e.problem()).isEqualTo(Problem.LOCKED);
                            return false;
                        }
                    });
                }
                for (Future<Boolean> one : pool.invokeAll(all)) {
                    one.get(30, TimeUnit.SECONDS);
                }
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(succeeded).hasPositiveValue();
        assertThat(lockFiles()).isEmpty();
    }

    @Test
    void a_repository_that_can_only_be_read_is_read_without_a_lock() throws Exception {
        Optional<FolderLock> held = here().acquireToRead("verify", lost::add);
        assertThat(held).isPresent();
        held.get().close();
        DatabaseFolder refusing = new DatabaseFolder(new ReadOnlyStore(root), root, "prod");
        assertThat(new FolderLocks(refusing, RunProcess.current(), Clock.systemUTC(), FAST, log::add)
                        .acquireToRead("verify", lost::add))
                .isEmpty();
    }

    private FolderLocks here() {
        return new FolderLocks(folder, RunProcess.current(), Clock.systemUTC(), FAST, log::add);
    }

    private FolderLocks elsewhere() {
        return new FolderLocks(folder, ELSEWHERE, Clock.systemUTC(), FAST, log::add);
    }

    private void refused(FolderUse use, String text) {
        assertThatThrownBy(() -> here().acquire(use, "other", lost::add))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.LOCKED);
                    assertThat(text == null || e.text().equals(text))
                            .as(e.text())
                            .isTrue();
                });
    }

    /** What a process leaves that was killed. */
    private void abandoned(RunProcess process) throws IOException {
        FolderLocks locks = new FolderLocks(
                folder, process, Clock.systemUTC(), new Timing(Duration.ofDays(1), Duration.ofDays(1)), log::add);
        FolderLock held = locks.acquire(FolderUse.BACKUP, "backup run 12", lost::add);
        Path file = lockFiles().get(0);
        byte[] text = Files.readAllBytes(file);
        held.close();
        Files.write(file, text);
    }

    private List<Path> lockFiles() {
        try (var files = Files.list(root.resolve("prod/locks"))) {
            return files.toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}

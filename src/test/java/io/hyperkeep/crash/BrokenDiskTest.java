package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.scenario.Operator;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Disks of the repository that are full, or that take what is written and lose it. */
@Timeout(1800)
class BrokenDiskTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final String ROOM_FOR_ALL = "100m";

    private static int skipped;

    @TempDir
    Path folder;

    private final Deque<Path> mounted = new ArrayDeque<>();

    @BeforeAll
    static void fill() throws SQLException {
        Transfers.fill(server, server.uri(), 1000);
    }

    @AfterEach
    void unmount() {
        while (!mounted.isEmpty()) {
            run("umount", mounted.pop().toString());
        }
    }

    @AfterAll
    static void tell() {
        if (skipped > 0) {
            System.out.println("crash: " + skipped + " tests of broken disks skipped: only root can mount such disks");
        }
    }

    @Test
    void a_full_disk_fails_the_backup_and_it_goes_on_when_there_is_room() throws Exception {
        full(1);
    }

    @Test
    @Tag("long")
    void a_full_disk_thirty_times() throws Exception {
        full(30);
    }

    @Test
    void what_the_disk_does_not_keep_is_never_in_a_backup() throws Exception {
        lost(2);
    }

    @Test
    @Tag("long")
    void what_the_disk_does_not_keep_thirty_times() throws Exception {
        lost(30);
    }

    private void full(int times) throws Exception {
        Operator first = new Operator(Files.createTempDirectory(folder, "room"), server);
        memory(first.repository, ROOM_FOR_ALL);
        long needed = backedUp(first, first.repository);
        Tally tally = new Tally("full disk", times);
        while (tally.wantsMore()) {
            Operator operator = new Operator(Files.createTempDirectory(folder, "round"), server);
            memory(operator.repository, kibibytes(tally, 8, needed));
            failAndGoOn(tally, operator, () -> grow(operator.repository));
            unmount();
        }
        tally.print();
    }

    /** KiB of a disk that a whole backup took. */
    private static long backedUp(Operator operator, Path disk) throws IOException {
        Operator.Ended ended = operator.run(operator.backup(server.uri(), Transfers.EACH_ALONE));
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        run("sync", "-f", operator.repository.toString());
        return used(disk);
    }

    private static long used(Path disk) throws IOException {
        FileStore store = Files.getFileStore(disk);
        return (store.getTotalSpace() - store.getUnallocatedSpace()) >> 10;
    }

    /** A size of a disk on which a backup that needs so much mostly does not fit. */
    private static String kibibytes(Tally tally, long from, long needed) {
        return from + tally.random().nextInt((int) (needed - from)) + "k";
    }

    private void memory(Path folder, String size) throws IOException {
        mount(folder, "-t", "tmpfs", "-o", "size=" + size, "tmpfs");
    }

    private static void grow(Path memory) {
        run("mount", "-o", "remount,size=" + ROOM_FOR_ALL, memory.toString());
    }

    /** A file system on a device that has less room than it says: writes succeed, and forcing them to disk fails. */
    private void lost(int times) throws Exception {
        Operator first = new Operator(Files.createTempDirectory(folder, "room"), server);
        Path roomy = overcommitted(first, ROOM_FOR_ALL);
        long empty = used(roomy);
        long needed = backedUp(first, roomy);
        Tally tally = new Tally("disk that loses writes", times);
        while (tally.wantsMore()) {
            Operator operator = new Operator(Files.createTempDirectory(folder, "round"), server);
            Path device = overcommitted(operator, kibibytes(tally, empty, needed));
            failAndGoOn(tally, operator, () -> grow(device));
            unmount();
        }
        tally.print();
    }

    /** Has the repository on a file system of 64 MiB whose device has this much; answers the device's. */
    private Path overcommitted(Operator operator, String size) throws IOException {
        Path device = operator.folder.resolve("device");
        memory(device, size);
        Path image = device.resolve("image");
        run("truncate", "-s", "64M", image.toString());
        run("mkfs.ext4", "-q", "-O", "^has_journal", "-E", "root_owner", image.toString());
        Path disk = operator.folder.resolve("disk");
        mount(disk, "-o", "loop", image.toString());
        Files.createSymbolicLink(operator.repository, Files.createDirectory(disk.resolve("repository")));
        run("sync", "-f", disk.toString());
        return device;
    }

    private void failAndGoOn(Tally tally, Operator operator, Runnable mend) throws SQLException {
        try (Transfers transfers =
                new Transfers(server, server.uri(), tally.random().nextLong())) {
            Operator.Ended failed = operator.run(operator.backup(server.uri(), Transfers.EACH_ALONE));
            boolean sealed = Draft.of(operator).isSealed();
            if (tally.counted(failed.exitCode() != 0)) {
                tally.in(Draft.of(operator).phase());
                assertThat(failed.exitCode())
                        .as(tally.round() + ": " + failed.err())
                        .isEqualTo(1);
                assertThat(failed.failure()).as(tally.round()).contains("no space left on device");
                assertThat(sealed).as(tally.round()).isFalse();
                mend.run();
                // what a disk says first may be an error that passes: then the newest run is a second attempt
                List<String> runs = Leftovers.runs(operator);
                Operator.Ended ended = runs.isEmpty()
                        ? operator.run(operator.backup(server.uri(), Transfers.EACH_ALONE))
                        : operator.run("runs", "restart", runs.get(0).split(" ")[0]);
                assertThat(ended.exitCode())
                        .as(tally.round() + ": " + ended.err())
                        .isEqualTo(0);
                tally.restarted();
            } else {
                assertThat(sealed).as(tally.round() + ": " + failed.err()).isTrue();
                // what is read has to come from the disk, and not from what the system remembers of it
                mend.run();
            }
            Leftovers.requireNone(operator, tally.round());
            assertThat(Leftovers.requireWholeBackups(operator, tally.round())).isEqualTo(1);
            String target = server.newDatabase("broken_disk");
            Operator.Ended restored = operator.run(operator.restore("latest", target));
            assertThat(restored.exitCode())
                    .as(tally.round() + ": " + restored.err())
                    .isEqualTo(0);
            transfers.requireSnapshot(target, tally.round());
            if (failed.exitCode() != 0) {
                tally.equal();
            }
            server.execute("DROP DATABASE " + target.replaceAll(".*/", "") + " WITH (FORCE)");
        }
    }

    private void mount(Path folder, String... how) throws IOException {
        Files.createDirectories(folder);
        String[] command = Operator.with(Operator.with(new String[] {"mount"}, how), folder.toString());
        if (!ran(command)) {
            skipped++;
            Assumptions.abort("a disk of this test's own can not be mounted here");
        }
        mounted.push(folder);
    }

    private static void run(String... command) {
        assertThat(ran(command)).as(String.join(" ", command)).isTrue();
    }

    private static boolean ran(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Path.of("/dev/null").toFile())
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

package io.hyperkeep.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.web.BoundedReading.Result;
import io.hyperkeep.web.FindGoodBackup.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether a plan has a good backup is what its repository says, and nothing hangs because the repository does. */
@Timeout(30)
class FindGoodBackupTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final InstantSource clock = now::get;
    private RepositoryOnDisk repository;
    private WatchedPlan plan;

    @BeforeEach
    void a_repository_with_two_backups() {
        repository = new RepositoryOnDisk(folder);
        repository.seal("metrics", "20261121T021500Z", "a", "b");
        repository.seal("metrics", "20261122T021500Z", "a", "c");
        plan = plan(Duration.ofHours(10), List.of());
    }

    @Test
    void the_newest_whole_backup_counts_and_its_age_is_that_of_its_data() {
        Found found = new FindGoodBackup(plan, clock).run();

        assertThat(found.damaged()).isEmpty();
        assertThat(found.newest().id()).isEqualTo("20261122T021500Z");
        assertThat(found.newest().age(NOON)).isEqualTo(Duration.ofMinutes(9 * 60 + 45));
        assertThat(state(found).problems(NOON)).isEmpty();
        assertThat(state(found).problems(NOON.plus(Duration.ofMinutes(15)))).isEmpty();
        assertThat(state(found).problems(NOON.plus(Duration.ofMinutes(16))))
                .containsExactly("the newest good backup, 20261122T021500Z, is 10h 1m old, and may be 10h old");
    }

    @Test
    void one_that_lost_a_file_or_was_cut_does_not_count_and_is_named() throws IOException {
        Path lost = repository.data("metrics", "c");
        Files.delete(lost);

        Found found = new FindGoodBackup(plan, clock).run();

        assertThat(found.newest().id()).isEqualTo("20261121T021500Z");
        String file = "data/public.t/" + lost.getFileName();
        assertThat(state(found).problems(NOON))
                .containsExactly(
                        "the newest good backup, 20261121T021500Z, is 33h 45m old, and may be 10h old",
                        "backup 20261122T021500Z: " + file + ": is missing");
    }

    @Test
    void an_altered_manifest_does_not_count() throws IOException {
        Path manifest = folder.resolve("metrics/backups/20261122T021500Z/manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"rows\" : 2", "\"rows\" : 3"));

        Found found = new FindGoodBackup(plan, clock).run();

        assertThat(found.newest().id()).isEqualTo("20261121T021500Z");
        assertThat(found.damaged())
                .containsExactly("backup 20261122T021500Z: cannot read " + manifest
                        + ": it is cut or altered: its checksum is not the one in manifest.json.sha256");
    }

    @Test
    void what_was_looked_at_is_believed_for_minutes_but_a_new_a_changed_and_a_pruned_backup_is_seen_at_once()
            throws IOException {
        FindGoodBackup find = new FindGoodBackup(plan, clock);
        find.run();
        Path lost = repository.data("metrics", "c");
        Files.delete(lost);

        now.set(NOON.plus(FindGoodBackup.REMEMBERED).minusSeconds(1));
        assertThat(find.run().damaged()).isEmpty();
        now.set(NOON.plus(FindGoodBackup.REMEMBERED));
        assertThat(find.run().damaged()).hasSize(1);

        Path sealed = repository.seal("metrics", "20261122T100000Z", "d");
        assertThat(find.run().newest().id()).isEqualTo("20261122T100000Z");
        Files.delete(sealed.resolve("manifest.json"));
        assertThat(find.run().newest().id()).isEqualTo("20261121T021500Z");

        Path older = folder.resolve("metrics/backups/20261121T021500Z/manifest.json");
        Files.writeString(older, "{}");
        Files.setLastModifiedTime(older, FileTime.from(NOON.plusSeconds(5)));
        assertThat(find.run().newest()).isNull();
    }

    @Test
    void a_backup_of_some_tables_does_not_pass_for_one_of_others_but_one_of_all_does() {
        // the backups on disk do not say what was selected, which means everything, nor for which plan
        assertThat(new FindGoodBackup(plan(null, List.of("app.*")), clock).run().newest())
                .isNotNull();
        WatchedPlan other = new WatchedPlan(
                "n", "metrics", folder, BackupKind.DATABASE, new Selection(List.of(), List.of()), false, null);
        assertThat(new FindGoodBackup(other, clock).run().newest()).isNull();
    }

    @Test
    void without_a_backup_a_plan_with_an_objective_is_not_well_and_one_without_is() {
        WatchedPlan nowhere = new WatchedPlan(
                "n",
                "metrics",
                folder.resolve("nowhere"),
                BackupKind.TABLES,
                new Selection(List.of(), List.of()),
                false,
                Duration.ofDays(1));
        Found found = new FindGoodBackup(nowhere, clock).run();

        assertThat(new PlanState(nowhere, new Result<>(found, null), Map.of()).problems(NOON))
                .containsExactly("there is no good backup of this plan in " + folder.resolve("nowhere"));
        assertThat(state(plan(null, List.of()), found).problems(NOON)).isEmpty();
    }

    @Test
    void a_repository_that_hangs_is_told_in_time_by_one_thread_and_is_well_again_when_it_answers()
            throws IOException, InterruptedException {
        // reading a named pipe waits for a writer, as reading from a server that is gone does
        Path checksum = folder.resolve("metrics/backups/20261122T021500Z/manifest.json.sha256");
        String line = Files.readString(checksum);
        Files.delete(checksum);
        assertThat(new ProcessBuilder("mkfifo", checksum.toString()).start().waitFor(10, TimeUnit.SECONDS))
                .isTrue();
        FindGoodBackup find = new FindGoodBackup(plan, clock);
        BoundedReading<Found> reading =
                new BoundedReading<>("the repository", find::run, Duration.ZERO, Duration.ofMillis(300), () -> 0);
        int threads = Thread.activeCount();

        for (int i = 0; i < 3; i++) {
            long begun = System.nanoTime();
            assertThat(reading.get()).isEqualTo(new Result<>(null, "the repository does not answer, for 0s now"));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        }
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 1);
        assertThat(new PlanState(plan, reading.get(), Map.of()).problems(NOON))
                .containsExactly(
                        "whether there is a good backup is not known: the repository does not answer, for 0s now");

        Files.writeString(checksum, line);
        Awaitility.await()
                .until(() -> reading.get().value() != null
                        && reading.get().value().newest().id().equals("20261122T021500Z"));
    }

    @Test
    void a_reading_that_fails_says_why() {
        BoundedReading<String> reading = new BoundedReading<>(
                "it",
                () -> {
                    throw new IllegalStateException("no disk");
                },
                Duration.ZERO,
                Duration.ofSeconds(5),
                System::nanoTime);
        assertThat(reading.get()).isEqualTo(new Result<>(null, "it can not be read: no disk"));
    }

    private WatchedPlan plan(Duration freshness, List<String> include) {
        return new WatchedPlan(
                "nightly", "metrics", folder, BackupKind.TABLES, new Selection(include, List.of()), false, freshness);
    }

    private PlanState state(Found found) {
        return state(plan, found);
    }

    private static PlanState state(WatchedPlan plan, Found found) {
        return new PlanState(plan, new Result<>(found, null), Map.of());
    }
}

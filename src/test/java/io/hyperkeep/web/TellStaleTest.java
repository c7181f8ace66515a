package io.hyperkeep.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.StalePlans;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;
import org.springframework.jdbc.core.simple.JdbcClient;

/** That a plan is stale is told once, whoever restarts meanwhile, and again after it was not. */
@Timeout(60)
class TellStaleTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final List<String> told = new ArrayList<>();
    private final JdbcDataSource metadata = new JdbcDataSource();

    @Test
    void once_when_it_begins_also_across_restarts_and_again_after_a_good_backup() {
        migrated();
        RepositoryOnDisk repository = new RepositoryOnDisk(folder);
        repository.seal("metrics", "20261122T021500Z", "a");

        TellStale daemon = daemon("nightly");
        daemon.run();
        assertThat(told).isEmpty();
        now.set(NOON.plus(Duration.ofHours(1)));
        daemon.run();
        daemon.run();
        daemon("nightly").run();
        String sentence = "nightly: the newest good backup, 20261122T021500Z, is 10h 45m old, and may be 10h old";
        assertThat(told).containsExactly(sentence);

        repository.seal("metrics", "20261122T123000Z", "b");
        daemon("nightly").run();
        now.set(NOON.plus(Duration.ofHours(12)));
        daemon("nightly").run();
        assertThat(told)
                .containsExactly(
                        sentence,
                        "nightly: the newest good backup, 20261122T123000Z, is 11h 30m old, and may be 10h old");
    }

    @Test
    void a_plan_that_never_had_a_backup_gets_the_time_for_its_first_one() {
        migrated();
        TellStale daemon = daemon("new");
        daemon.run();
        now.set(NOON.plus(Duration.ofHours(10)));
        daemon.run();
        assertThat(told).isEmpty();
        now.set(NOON.plus(Duration.ofHours(10)).plusSeconds(1));
        daemon.run();
        daemon.run();
        assertThat(told).containsExactly("new: there is no good backup of this plan in " + folder);
    }

    @Test
    void a_record_of_runs_that_can_not_be_read_is_down_and_says_why() {
        metadata.setURL("jdbc:h2:mem:" + UUID.randomUUID());
        var health = new MetadataHealth(watch("nightly")).health();

        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(String.valueOf(health.getDetails().get("problem")))
                .startsWith("the record of runs can not be read: ")
                .contains("\"RUN\" not found");
    }

    private void migrated() {
        metadata.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        Flyway.configure()
                .dataSource(metadata)
                .locations("classpath:db/migration/h2")
                .load()
                .migrate();
    }

    private TellStale daemon(String plan) {
        return new TellStale(
                watch(plan),
                new StalePlans(JdbcClient.create(metadata)),
                (name, text) -> told.add(name + ": " + text),
                now::get);
    }

    private WatchPlans watch(String plan) {
        WatchedPlan watched = new WatchedPlan(
                plan,
                "metrics",
                folder,
                BackupKind.TABLES,
                new Selection(List.of(), List.of()),
                false,
                Duration.ofHours(10));
        JdbcClient jdbc = JdbcClient.create(metadata);
        return new WatchPlans(
                () -> List.of(watched), new RunQueries(jdbc), new Firings(jdbc, Clock.systemUTC()), now::get);
    }
}

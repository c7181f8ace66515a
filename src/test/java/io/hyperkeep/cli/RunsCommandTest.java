package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.runs.Firing;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** On the real tables, as their migrations make them. */
class RunsCommandTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T02:15:00Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    CommandFixture line;
    JdbcClient jdbc;

    @BeforeEach
    void begin() {
        JdbcDataSource metadata = new JdbcDataSource();
        metadata.setUrl("jdbc:h2:mem:" + folder.getFileName() + ";DB_CLOSE_DELAY=-1");
        Flyway.configure()
                .dataSource(metadata)
                .locations("classpath:db/migration/h2")
                .load()
                .migrate();
        jdbc = JdbcClient.create(metadata);
        jdbc.sql("SET REFERENTIAL_INTEGRITY FALSE").update();
        line = new CommandFixture(folder);
        line.clock = CLOCK;
        line.runs = new RunQueries(jdbc);
        line.firings = new Firings(jdbc, CLOCK);
        RunRecords records = new RunRecords(jdbc, CLOCK);
        for (long run : new long[] {3, 7}) {
            records.begin(
                    new RunRecords.Begin(run, "backup", "prod", run == 7 ? "nightly" : null, null, null, "request"));
            records.beat(run, "export");
            records.planned(
                    run,
                    List.of(
                            new RunRecords.PlannedUnit("u1", new TableName("a", "b"), "first", 1),
                            new RunRecords.PlannedUnit("u2", new TableName("a", "b"), "second", 1)));
            records.unitDone(run, "u1", 1, 1000, 2048, "result");
        }
        records.unitFailed(3, "u2", 2, "permission denied");
        records.end(3, "FAILED", null, 0, new RunRecords.Failure("locked", "somebody works on prod", "wait for it."));
    }

    @Test
    void runs_alone_is_the_list() {
        String list = """
                RUN  RESTARTS  JOB     DATABASE  PLAN     STATE    STARTED               TOOK  UNITS  FAILURE
                  7         -  backup  prod      nightly  RUNNING  2026-11-22 02:15:00Z  0.0s    1/2
                  3         -  backup  prod      -        FAILED   2026-11-22 02:15:00Z  0.0s    1/2  somebody works on prod
                """;
        assertThat(line.run("runs")).isEqualTo(new Ended(0, list, ""));
        assertThat(line.run("runs", "list")).isEqualTo(new Ended(0, list, ""));
        assertThat(line.run("runs", "--limit", "1").out().lines()).hasSize(2);
        assertThat(line.engineClosed).isTrue();
    }

    @Test
    void the_list_for_scripts() {
        assertThat(line.run("runs", "--limit", "1", "--output", "json").out()).isEqualTo("""
                {
                  "runs" : [ {
                    "run" : 7,
                    "job" : "backup",
                    "database" : "prod",
                    "plan" : "nightly",
                    "state" : "RUNNING",
                    "started" : "2026-11-22T02:15:00Z",
                    "ended" : null,
                    "units" : 2,
                    "unitsDone" : 1,
                    "failure" : null,
                    "restarts" : null,
                    "restartedAs" : null,
                    "scheduled" : null
                  } ]
                }
                """);
    }

    @Test
    void firings_that_started_no_run_are_in_the_list_with_the_reason() {
        Instant due = Instant.parse("2026-11-22T02:16:00Z");
        Firing begun = Firing.waiting("nightly", "backup", due, "prod");
        assertThat(line.firings.record(begun)).isTrue();
        assertThat(line.firings.record(begun)).as("each is recorded once").isFalse();
        line.firings.began(begun, 7);
        Firing other = Firing.waiting("nightly", "prune", due, "prod");
        line.firings.record(other);
        line.firings.ended(other, Firing.SKIPPED, "met run 7, the backup of plan nightly on database prod");

        assertThat(line.run("runs").out()).isEqualTo("""
                RUN  RESTARTS  JOB     DATABASE  PLAN     STATE    STARTED               TOOK  UNITS  FAILURE
                  -         -  prune   prod      nightly  SKIPPED  -                        -      -  scheduled for \
                2026-11-22 02:16:00Z: met run 7, the backup of plan nightly on database prod
                  7         -  backup  prod      nightly  RUNNING  2026-11-22 02:15:00Z  0.0s    1/2
                  3         -  backup  prod      -        FAILED   2026-11-22 02:15:00Z  0.0s    1/2  somebody works on prod
                """);
        assertThat(line.run("runs", "--limit", "2", "--output", "json").out())
                .contains("\"run\" : null,", "\"state\" : \"SKIPPED\",", "\"scheduled\" : \"2026-11-22T02:16:00Z\"")
                .contains("\"run\" : 7,")
                .doesNotContain("\"run\" : 3,");
    }

    @Test
    void one_run_with_its_reason() {
        assertThat(line.run("runs", "show", "3").out())
                .startsWith("Run       3 (backup)\nDatabase  prod\nState     FAILED, in phase export\n")
                .contains(
                        "Failure   somebody works on prod\nHint      wait for it.\n",
                        "unit u2 (second): tried 2 times: permission denied\n");
        assertThat(line.run("runs", "show", "4")).isEqualTo(new Ended(10, "", """
                hyperkeep: there is no run 4
                HINT: `hyperkeep runs list` lists the newest.
                """));
    }
}

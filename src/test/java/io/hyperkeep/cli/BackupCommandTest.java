package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.config.PlanKey;
import io.hyperkeep.database.PasswordSource;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.DumpFormat;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.ClusterOptions;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.Reuse;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupCommandTest {
    private static final Totals TOTALS =
            new Totals(2, 9, 4, 1_234_567, 300L << 20, 50L << 20, 20L << 20, Map.of("new", 5));
    private static final String[] GIVEN = {"backup", "--database", "postgresql://h/db", "--repository", "r"};

    @TempDir
    Path folder;

    CommandFixture line;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
        line.outcome = () -> outcome("SEALED", TOTALS, true, null);
    }

    @Test
    void every_flag_reaches_the_plan() {
        String command =
                "backup --database postgresql://u@h:1/db --repository r --kind tables --include a.* --include b.c "
                        + "--exclude a.x --jobs 5 --lock light --lock-timeout 5m --compression gzip --compression-level 9 "
                        + "--unit-size 1MiB --slice-size 2GiB --password-file pw --client-tools /pg/bin --full --quiet --max-attempts 3";
        assertThat(line.run(command.split(" ")).exitCode()).isZero();

        BackupPlan plan = line.backup;
        assertThat(plan)
                .isEqualTo(new BackupPlan(
                        null,
                        plan.database(),
                        folder.resolve("r"),
                        BackupKind.TABLES,
                        new TableSelection(List.of("a.*", "b.c"), List.of("a.x")),
                        5,
                        LockMode.LIGHT,
                        Duration.ofMinutes(5),
                        new Compression("gzip", 9),
                        1 << 20,
                        2L << 30,
                        Reuse.NONE,
                        3,
                        null,
                        DumpFormat.DIRECTORY,
                        ClusterOptions.DEFAULT));
        assertThat(plan.database().address()).hasToString("u@h:1/db");
        assertThat(plan.database().password()).isEqualTo(new PasswordSource(folder.resolve("pw"), null));
        assertThat(plan.database().clientTools()).isEqualTo(Path.of("/pg/bin"));
        assertThat(line.engineClosed).isTrue();
    }

    @Test
    void every_flag_has_an_environment_variable() {
        line.environment.put(PlanKey.DATABASE.variable(), "postgresql://h/db");
        line.environment.put(PlanKey.REPOSITORY.variable(), "r");
        line.environment.put(PlanKey.JOBS.variable(), "6");
        line.environment.put(PlanKey.MAX_ATTEMPTS.variable(), "4");
        line.environment.put("HYPERKEEP_PASSWORD_COMMAND", "pass show x");
        line.environment.put("HYPERKEEP_OUTPUT", "json");

        assertThat(line.run("backup").out()).startsWith("{");
        assertThat(line.backup.jobs()).isEqualTo(6);
        assertThat(line.backup.maxAttempts()).isEqualTo(4);
        assertThat(line.backup.database().password().command()).isEqualTo(List.of("/bin/sh", "-c", "pass show x"));
    }

    @Test
    void a_plan_comes_from_the_configuration_and_global_options_stand_anywhere() {
        Path file = line.write("other.yml", """
                databases: {prod: {uri: 'postgresql://h/db'}}
                plans: {nightly: {database: prod, repository: ./backups, jobs: 3}}
                """);

        assertThat(line.run("--config", file.toString(), "backup", "nightly").exitCode())
                .isZero();
        assertThat(line.backup.name()).isEqualTo("nightly");
        assertThat(line.run("backup", "nightly", "-j4", "--config", "other.yml").exitCode())
                .isZero();
        assertThat(line.backup.jobs()).isEqualTo(4);
        assertThat(line.backup.repository()).isEqualTo(folder.resolve("backups"));
        assertThat(line.run("backup", "nightly", "--repository", "x", "--config", "other.yml")
                        .err())
                .isEqualTo("""
                        hyperkeep: plan 'nightly' has its own database and repository
                        HINT: give either a plan, or --database and --repository.
                        """);
        assertThat(line.run("backup", "nigthly", "--config", "other.yml")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no plan 'nigthly' in the configuration; did you mean 'nightly'?
                        HINT: configured plans: nightly.
                        """));
    }

    @Test
    void a_success_for_people() {
        assertThat(line.run(GIVEN)).isEqualTo(new Ended(0, """
                backup 20261122T021500Z sealed in 2m 05s (run 7)
                  2 tables, 9 units (4 reused), 1,234,567 rows, 300.0 MiB of CSV, 2.4 MiB/s
                  exported: 5 new
                  50.0 MiB stored in FOLDER/r/db/backups/20261122T021500Z
                """, ""));
    }

    @Test
    void a_success_for_scripts() {
        assertThat(line.run("--output", "json", "backup", "--database", "postgresql://h/db", "--repository", "r"))
                .isEqualTo(new Ended(0, """
                        {
                          "backup" : "20261122T021500Z",
                          "path" : "FOLDER/r/db/backups/20261122T021500Z",
                          "run" : 7,
                          "restarts" : null,
                          "state" : "SEALED",
                          "kind" : "tables",
                          "tables" : 2,
                          "units" : 9,
                          "reusedUnits" : 4,
                          "reexported" : {
                            "new" : 5
                          },
                          "rows" : 1234567,
                          "bytes" : 314572800,
                          "storedBytes" : 52428800,
                          "writtenBytes" : 20971520,
                          "seconds" : 125.0,
                          "consistent" : true,
                          "warnings" : [ ]
                        }
                        """, ""));
    }

    @Test
    void warnings_and_inconsistency_are_exit_code_3() {
        line.outcome = () -> outcome("SEALED", TOTALS, true, null, new Warning("no-owner", "role x does not exist"));
        Ended warned = line.run(GIVEN);
        assertThat(warned.exitCode()).isEqualTo(3);
        assertThat(warned.err()).isEqualTo("WARNING: role x does not exist\n");

        line.outcome = () -> outcome("SEALED", TOTALS, false, null);
        Ended inconsistent = line.run(GIVEN);
        assertThat(inconsistent.exitCode()).isEqualTo(3);
        assertThat(inconsistent.out()).contains("  not consistent: not every unit was read under one snapshot\n");
    }

    @Test
    void a_failure_has_its_problems_exit_code_and_scripts_get_both_documents() {
        line.outcome = () -> outcome(
                "FAILED", null, false, new BackupException(Problem.LOCKED, "somebody works on db", "wait for it."));

        assertThat(line.run(GIVEN))
                .isEqualTo(new Ended(11, "", "hyperkeep: somebody works on db\nHINT: wait for it.\n"));
        Ended json = line.run("backup", "--database", "postgresql://h/db", "--repository", "r", "--output", "json");
        assertThat(json.exitCode()).isEqualTo(11);
        assertThat(json.out()).contains("\"state\" : \"FAILED\"", "\"backup\" : null", "\"consistent\" : false");
        assertThat(json.err()).isEqualTo("""
                {
                  "error" : {
                    "code" : "locked",
                    "message" : "somebody works on db",
                    "hint" : "wait for it."
                  }
                }
                """);
    }

    @Test
    void nothing_but_a_sealed_backup_with_its_totals_is_a_success() {
        BackupException reason = new BackupException(Problem.MISMATCH, "rows differ", null);

        line.outcome = () -> outcome("SEALED", TOTALS, true, reason);
        assertThat(line.run(GIVEN)).isEqualTo(new Ended(1, "", "hyperkeep: rows differ\n"));
        line.outcome = () -> outcome("SEALED", null, true, null);
        assertThat(line.run(GIVEN).exitCode()).isEqualTo(1);
        line.outcome = () -> outcome("COMPLETED", TOTALS, true, null);
        assertThat(line.run(GIVEN)).isEqualTo(new Ended(1, "", """
                hyperkeep: run 7 ended as COMPLETED without a reason
                HINT: this is a defect in hyperkeep; please report it with what --verbose prints.
                """));
        line.outcome = () -> new RunOutcome(
                7,
                null,
                "backup",
                io.hyperkeep.plan.BackupKind.TABLES,
                "SEALED",
                null,
                TOTALS,
                null,
                Duration.ofSeconds(1),
                true,
                List.of(),
                null);
        assertThat(line.run(GIVEN).exitCode()).isEqualTo(1);
    }

    @Test
    void a_stopped_run_is_exit_code_130() {
        line.outcome = () -> outcome("STOPPED", null, false, null);

        assertThat(line.run(GIVEN)).isEqualTo(new Ended(130, "", "hyperkeep: run 7 was stopped before its end\n"));
    }

    private RunOutcome outcome(
            String state,
            @Nullable Totals totals,
            boolean consistent,
            @Nullable BackupException failure,
            Warning... warnings) {
        return new RunOutcome(
                7,
                null,
                "backup",
                io.hyperkeep.plan.BackupKind.TABLES,
                state,
                state.equals("SEALED") ? folder.resolve("r/db/backups/20261122T021500Z") : null,
                totals,
                null,
                Duration.ofSeconds(125),
                consistent,
                List.of(warnings),
                failure);
    }
}

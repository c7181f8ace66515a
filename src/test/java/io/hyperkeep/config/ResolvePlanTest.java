package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.database.PasswordSource;
import io.hyperkeep.manifest.DumpFormat;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvePlanTest {
    private static final String YAML = """
            databases:
              prod: {uri: 'postgresql://backup@db/metrics', password-file: pw}
            repositories:
              nas: /mnt/nas
            defaults:
              repository: nas
              jobs: 3
              lock-timeout: 5m
            plans:
              nightly:
                database: prod
                lock: light
                include: [public.*, 'a.b']
              weekly:
                database: prod
                jobs: 5
                compression: gzip
                compression-level: 9
            """;

    @TempDir
    Path folder;

    @Test
    void flag_over_environment_over_plan_over_defaults_over_built_in() {
        Map<String, String> environment = Map.of("HYPERKEEP_JOBS", "7", "HYPERKEEP_LOCK_TIMEOUT", "7s");
        PlanLayer flags = PlanLayer.flags(layer -> layer.accept(PlanKey.JOBS, List.of("9")));

        assertThat(plan(Map.of(), "nightly", PlanLayer.EMPTY).jobs()).isEqualTo(3);
        assertThat(plan(Map.of(), "weekly", PlanLayer.EMPTY).jobs()).isEqualTo(5);
        assertThat(plan(environment, "weekly", PlanLayer.EMPTY).jobs()).isEqualTo(7);
        assertThat(plan(environment, "weekly", flags).jobs()).isEqualTo(9);
        assertThat(plan(environment, "weekly", flags).lockTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(plan(Map.of(), "weekly", flags).lockTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(plan(Map.of(), "weekly", flags).unitBytes()).isEqualTo(BackupPlan.DEFAULT_UNIT_BYTES);
    }

    @Test
    void a_plan_is_whole() {
        BackupPlan plan = plan(Map.of(), "nightly", PlanLayer.EMPTY);

        assertThat(plan.name()).isEqualTo("nightly");
        assertThat(plan.database().name()).isEqualTo("prod");
        assertThat(plan.database().address().database()).isEqualTo("metrics");
        assertThat(plan.database().password()).isEqualTo(new PasswordSource(folder.resolve("pw"), null));
        assertThat(plan.repository()).isEqualTo(Path.of("/mnt/nas"));
        assertThat(plan.selection()).isEqualTo(new TableSelection(List.of("public.*", "a.b"), List.of()));
        assertThat(plan.lock()).isEqualTo(LockMode.LIGHT);
        assertThat(plan.compression()).isEqualTo(Compression.DEFAULT);
        assertThat(plan.sliceBytes()).isEqualTo(BackupPlan.DEFAULT_SLICE_BYTES);
    }

    @Test
    void built_in_values_are_the_plans_own() {
        BackupPlan plan = new ConfigFixture(folder, Map.of())
                .plans("")
                .given(source("postgresql://db/m", "backups"), DatabaseAccess.NONE);

        assertThat(plan)
                .isEqualTo(new BackupPlan(
                        null,
                        plan.database(),
                        folder.resolve("cwd/backups"),
                        BackupKind.TABLES,
                        TableSelection.ALL,
                        BackupPlan.DEFAULT_JOBS,
                        LockMode.STRICT,
                        BackupPlan.DEFAULT_LOCK_TIMEOUT,
                        Compression.DEFAULT,
                        BackupPlan.DEFAULT_UNIT_BYTES,
                        BackupPlan.DEFAULT_SLICE_BYTES,
                        Reuse.UNCHANGED,
                        BackupPlan.DEFAULT_MAX_ATTEMPTS,
                        null,
                        DumpFormat.DIRECTORY,
                        ClusterOptions.DEFAULT));
    }

    @Test
    void the_format_of_an_archive_is_for_whole_databases() {
        assertThat(dumped("database", "custom").dumpFormat()).isEqualTo(DumpFormat.CUSTOM);
        assertThatThrownBy(() -> dumped("tables", "custom"))
                .hasMessage("--dump-format: this is for backups of kind 'database'");
        assertThatThrownBy(() -> dumped("database", "tar"))
                .hasMessage("--dump-format: 'tar' is not one of directory, custom");
    }

    private BackupPlan dumped(String kind, String format) {
        PlanLayer flags = PlanLayer.flags(layer -> {
            layer.accept(PlanKey.DATABASE, List.of("postgresql://db/m"));
            layer.accept(PlanKey.REPOSITORY, List.of("backups"));
            layer.accept(PlanKey.KIND, List.of(kind));
            layer.accept(PlanKey.DUMP_FORMAT, List.of(format));
        });
        return new ConfigFixture(folder, Map.of()).plans("").given(flags, DatabaseAccess.NONE);
    }

    @Test
    void full_is_stronger_than_any_check_of_what_would_be_reused() {
        PlanLayer verified = PlanLayer.flags(layer -> layer.accept(PlanKey.VERIFY_REUSED, List.of("true")));

        assertThat(plan(Map.of(), "nightly", verified).reuse()).isEqualTo(Reuse.VERIFIED);
        assertThat(plan(Map.of("HYPERKEEP_FULL", "true"), "nightly", verified).reuse())
                .isEqualTo(Reuse.NONE);
    }

    @Test
    void a_level_counts_only_beside_the_codec_it_was_said_for() {
        PlanLayer zstd = PlanLayer.flags(layer -> layer.accept(PlanKey.COMPRESSION, List.of("zstd")));
        PlanLayer level = PlanLayer.flags(layer -> layer.accept(PlanKey.COMPRESSION_LEVEL, List.of("1")));

        assertThat(plan(Map.of(), "weekly", PlanLayer.EMPTY).compression()).isEqualTo(new Compression("gzip", 9));
        assertThat(plan(Map.of(), "weekly", zstd).compression()).isEqualTo(Compression.DEFAULT);
        assertThat(plan(Map.of(), "weekly", level).compression()).isEqualTo(new Compression("gzip", 1));
    }

    @Test
    void the_environments_source_is_for_commands_without_a_plan() {
        Map<String, String> environment = Map.of(
                "HYPERKEEP_DATABASE", "postgresql://other/x",
                "HYPERKEEP_REPOSITORY", "/srv/other",
                "HYPERKEEP_INCLUDE", "a.b, \"x,y\".z",
                "HYPERKEEP_PASSWORD_COMMAND", "pass show x");
        BackupPlan named = plan(environment, "nightly", PlanLayer.EMPTY);
        BackupPlan given = new ConfigFixture(folder, environment)
                .plans(YAML)
                .given(PlanLayer.EMPTY, DatabaseAccess.of("secret", null, null, environment));

        assertThat(named.database().name()).isEqualTo("prod");
        assertThat(named.repository()).isEqualTo(Path.of("/mnt/nas"));
        assertThat(given.database().address().host()).isEqualTo("other");
        assertThat(given.repository()).isEqualTo(Path.of("/srv/other"));
        assertThat(given.selection().include()).containsExactly("a.b", "\"x,y\".z");
        assertThat(given.database().password()).isEqualTo(new PasswordSource(folder.resolve("cwd/secret"), null));
    }

    @Test
    void wrong_flags_are_told_by_their_names() {
        PlanLayer flags = PlanLayer.flags(layer -> {
            layer.accept(PlanKey.JOBS, List.of("x"));
            layer.accept(PlanKey.COMPRESSION, List.of("zst"));
        });
        BackupException failure = catchThrowableOfType(
                BackupException.class,
                () -> new ConfigFixture(folder, Map.of()).plans("").given(flags, DatabaseAccess.NONE));

        assertThat(failure.problem()).isEqualTo(Problem.USAGE);
        assertThat(failure.text()).isEqualTo("""
                the command line has 4 problems:
                  a database is missing: name a plan, or give --database
                  a repository is missing: name a plan, or give --repository
                  --jobs: 'x' is not a whole number from 1 to 64
                  --compression: 'zst' is not one of zstd, gzip, none; did you mean 'zstd'?
                HINT: --help lists the options of a command.""");
    }

    @Test
    void an_unknown_plan_is_not_found() {
        BackupException failure =
                catchThrowableOfType(BackupException.class, () -> plan(Map.of(), "nigthly", PlanLayer.EMPTY));

        assertThat(failure.problem().exitCode()).isEqualTo(10);
        assertThat(failure.text()).isEqualTo("""
                there is no plan 'nigthly' in the configuration; did you mean 'nightly'?
                HINT: configured plans: nightly, weekly.""");
    }

    private BackupPlan plan(Map<String, String> environment, String name, PlanLayer flags) {
        return new ConfigFixture(folder, environment).plans(YAML).named(name, flags, DatabaseAccess.NONE);
    }

    private static PlanLayer source(String database, String repository) {
        return PlanLayer.flags(layer -> {
            layer.accept(PlanKey.DATABASE, List.of(database));
            layer.accept(PlanKey.REPOSITORY, List.of(repository));
        });
    }
}

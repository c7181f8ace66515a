package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.restore.Alterations;
import io.hyperkeep.restore.ClusterChoice;
import io.hyperkeep.restore.RestoreOptions;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.restore.RestoredJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindBackupTest {
    @TempDir
    Path folder;

    CommandFixture line;
    Path first;
    Path second;
    Path other;

    @BeforeEach
    void begin() throws IOException {
        line = new CommandFixture(folder);
        line.outcome = () -> new RunOutcome(
                1,
                null,
                "restore",
                io.hyperkeep.plan.BackupKind.TABLES,
                "RESTORED",
                null,
                new Totals(1, 1, 0, 1, 1, 1, 1, Map.of()),
                new RestoredJobs(3, 2, List.of()),
                Duration.ofSeconds(1),
                true,
                List.of(),
                null);
        first = ManifestFixture.seal(folder.resolve("r"), "prod", "20261121T021500Z", true);
        second = ManifestFixture.seal(folder.resolve("r"), "prod", "20261122T021500Z", true);
        other = ManifestFixture.seal(folder.resolve("r"), "test", "20261123T021500Z", true);
        // unsealed, so for nobody there
        Files.createDirectories(folder.resolve("r/prod/backups/20261124T021500Z"));
        line.write("home/hyperkeep.yml", """
                databases: {prod: {uri: 'postgresql://h/x'}, empty: {uri: 'postgresql://h/y'}}
                repositories: {nas: ../r}
                plans:
                  nightly: {database: prod, repository: nas}
                  never: {database: empty, repository: nas}
                """);
    }

    @Test
    void every_form_of_naming_a_backup() {
        assertThat(restored(second.toString())).isEqualTo(second);
        assertThat(restored("r/prod/backups/20261122T021500Z")).isEqualTo(second);
        assertThat(restored("./r/prod/backups/20261121T021500Z/")).isEqualTo(first);
        assertThat(restored("nightly/latest")).isEqualTo(second);
        assertThat(restored("nightly/20261121T021500Z")).isEqualTo(first);
        assertThat(restored("20261123T021500Z", "--repository", "r")).isEqualTo(other);
        assertThat(restored("latest", "--repository", "nas", "--database", "prod"))
                .isEqualTo(second);
        assertThat(restored("latest", "--repository", "r", "--database", "postgresql://h/test"))
                .isEqualTo(other);
        line.environment.put("HYPERKEEP_REPOSITORY", "r");
        assertThat(restored("20261121T021500Z")).isEqualTo(first);
        assertThat(restored("nightly/latest")).isEqualTo(second);
    }

    @Test
    void a_path_needs_no_configuration() throws IOException {
        Files.writeString(folder.resolve("home/hyperkeep.yml"), "nonsense: true\n");

        assertThat(line.run("show", second.toString()).exitCode()).isZero();
    }

    @Test
    void what_is_not_there_is_exit_code_10_and_says_what_is() {
        assertThat(line.run("show", "nightly/20260101T000000Z")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no backup '20260101T000000Z' in plan 'nightly'
                        HINT: the newest are prod 20261121T021500Z, prod 20261122T021500Z.
                        """));
        assertThat(line.run("show", "never/latest")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no backup yet in plan 'never'
                        HINT: `hyperkeep runs` shows what ran and how it ended.
                        """));
        assertThat(line.run("show", "weekly/latest")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no backup 'weekly/latest': no folder is called so, and no plan 'weekly' is \
                        configured
                        HINT: configured plans: nightly, never.
                        """));
        assertThat(line.run("show", "nightly")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no backup 'nightly': this is a plan
                        HINT: `nightly/latest` is the latest backup of this plan.
                        """));
        assertThat(line.run("show", "latest")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no backup 'latest': no repository was given
                        HINT: give --repository DIR too, or PLAN/latest, or the path of the backup's folder.
                        """));
        assertThat(line.run("show", "./r/prod/backups/20261124T021500Z")).isEqualTo(new Ended(10, "", """
                        hyperkeep: there is no backup in FOLDER/r/prod/backups/20261124T021500Z: it has no manifest.json
                        HINT: a backup's folder is <repository>/<database>/backups/<id>; \
                        `hyperkeep backups --repository DIR` lists them.
                        """));
        assertThat(line.run("show", "latest", "--repository", "nowhere").exitCode())
                .isEqualTo(10);
    }

    @Test
    void latest_must_be_clear() {
        assertThat(line.run("show", "latest", "--repository", "r")).isEqualTo(new Ended(2, "", """
                hyperkeep: 'latest' is not clear: repository FOLDER/r holds backups of prod, test
                HINT: choose one with --database NAME.
                """));
    }

    @Test
    void a_restore_is_asked_for_as_it_was_written() {
        String command = "restore nightly/latest --to postgresql://u@h/copy --create-database --include a.b --jobs 4";
        Ended ended = line.run(command.split(" "));

        assertThat(ended).isEqualTo(new Ended(0, """
                restored in 1.0s (run 1)
                  1 table, 1 unit, 1 row, 1 B of CSV, 1 B/s
                  policies and jobs: 3, 2 on
                """, ""));
        RestoreRequest request = line.restore;
        assertThat(request)
                .isEqualTo(new RestoreRequest(
                        second,
                        request.target(),
                        true,
                        new TableSelection(List.of("a.b"), List.of()),
                        4,
                        2,
                        RestoreOptions.DEFAULT,
                        ClusterChoice.ALL));
        assertThat(request.target().address()).hasToString("u@h:5432/copy");
        line.environment.put("HYPERKEEP_RENAME", "a.b=c.d,a.\"e,f\"=c.e");
        line.environment.put("HYPERKEEP_UNTIL", "2026-11-21");
        line.run("restore", "nightly/latest", "--to", "prod", "--schema-map", "a=b", "--schema-map", "c=d");
        assertThat(line.restore.options().alterations())
                .isEqualTo(new Alterations(
                        Alterations.Content.EVERYTHING,
                        List.of(
                                new Alterations.Rename(new TableName("a", "b"), new TableName("c", "d")),
                                new Alterations.Rename(new TableName("a", "e,f"), new TableName("c", "e"))),
                        Map.of("a", "b", "c", "d"),
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        "2026-11-21"));
        line.environment.remove("HYPERKEEP_RENAME");
        line.environment.remove("HYPERKEEP_UNTIL");
        assertThat(line.run("restore", "nightly/latest", "--to", "prod", "--output", "json")
                        .out())
                .isEqualTo("""
                        {
                          "run" : 1,
                          "restarts" : null,
                          "state" : "RESTORED",
                          "tables" : 1,
                          "units" : 1,
                          "rows" : 1,
                          "bytes" : 1,
                          "jobs" : {
                            "restored" : 3,
                            "on" : 2
                          },
                          "seconds" : 1.0,
                          "warnings" : [ ]
                        }
                        """);
        assertThat(line.restore.target().name()).isEqualTo("prod");
    }

    private Path restored(String backup, String... options) {
        String[] command = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("restore", backup, "--to", "postgresql://h/x", "--quiet"),
                        java.util.stream.Stream.of(options))
                .toArray(String[]::new);
        Ended ended = line.run(command);
        assertThat(ended.err()).isEmpty();
        return line.restore.backup();
    }
}

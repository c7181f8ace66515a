package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruneCommandTest {
    private static final String NO_RULE = """
            HINT: give at least one of --keep-last, --keep-within, --keep-hourly, --keep-daily, --keep-weekly, --keep-monthly \
            and --keep-yearly, or the same keys under retention in the configuration; --keep-minimum alone is no rule.
            """;

    @TempDir
    Path folder;

    CommandFixture line;
    RepositoryOnDisk repository;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
        repository = new RepositoryOnDisk(folder.resolve("r"), "nightly");
        repository.seal("prod", "20261120T021500Z", "same", "old");
        repository.seal("prod", "20261121T021500Z", "same", "new");
        repository.seal("prod", "20261121T221500Z", "same", "newer");
    }

    @Test
    void a_dry_run_says_what_would_go_and_deletes_nothing() {
        List<String> before = repository.files();
        // it launches nothing
        line.engineClosed = false;

        assertThat(line.run("prune", "--repository", "r", "--keep-daily", "1", "--dry-run"))
                .isEqualTo(new Ended(0, """
                BACKUP            DATABASE  STARTED               STAYS  WHY
                20261121T221500Z  prod      2026-11-21 22:15:00Z  yes    the newest good one, daily 2026-11-21
                20261121T021500Z  prod      2026-11-21 02:15:00Z  no     no rule keeps it
                20261120T021500Z  prod      2026-11-20 02:15:00Z  no     no rule keeps it
                prod: would delete 2 backups, 0 unfinished ones, 2 data files of 12 B
                """, ""));
        assertThat(line.engineClosed).isFalse();
        assertThat(repository.files()).isEqualTo(before);
    }

    @Test
    void it_deletes_and_says_what() {
        line.environment.put("HYPERKEEP_KEEP_DAILY", "9");
        line.environment.put("HYPERKEEP_ZONE", "Europe/Berlin");

        assertThat(line.run("prune", "--repository", "r", "--keep-daily", "2", "--output", "json"))
                .isEqualTo(new Ended(0, """
                {
                  "run" : 12,
                  "dryRun" : false,
                  "databases" : [ {
                    "database" : "prod",
                    "backups" : [ {
                      "backup" : "20261121T221500Z",
                      "started" : "2026-11-21T22:15:00Z",
                      "kept" : true,
                      "reasons" : [ "the newest good one", "daily 2026-11-21" ]
                    }, {
                      "backup" : "20261121T021500Z",
                      "started" : "2026-11-21T02:15:00Z",
                      "kept" : false,
                      "reasons" : [ "no rule keeps it" ]
                    }, {
                      "backup" : "20261120T021500Z",
                      "started" : "2026-11-20T02:15:00Z",
                      "kept" : true,
                      "reasons" : [ "daily 2026-11-20" ]
                    } ],
                    "removedBackups" : 1,
                    "removedUnfinished" : 0,
                    "removedFiles" : 1,
                    "removedBytes" : 6
                  } ],
                  "warnings" : [ ]
                }
                """, ""));
        assertThat(line.run("verify", "--repository", "r").out()).startsWith("""
                BACKUP            DATABASE  WHOLE  FILE  WHAT IS WRONG
                20261120T021500Z  prod      yes
                20261121T221500Z  prod      yes
                5 files read, verified in\s""");
    }

    @Test
    void a_plan_brings_its_rules_and_the_command_line_is_stronger() {
        line.config("""
                databases: {prod: {uri: 'postgresql://db/prod'}}
                defaults: {retention: {keep-last: 3}}
                plans: {nightly: {database: prod, repository: ../r, retention: {keep-last: 2}}}
                """);
        assertThat(line.run("prune", "nightly", "--dry-run").out())
                .contains("last 2 of 2")
                .doesNotContain("last 3");
        assertThat(line.run("prune", "nightly", "--keep-last", "1").out())
                .endsWith("prod: deleted 2 backups, 0 unfinished ones, 2 data files of 12 B\n");
    }

    @Test
    void a_list_of_a_plans_backups_says_why_each_is_kept_and_a_pin_is_a_reason() {
        line.config("""
                databases: {prod: {uri: 'postgresql://db/prod'}}
                plans: {nightly: {database: prod, repository: ../r, retention: {keep-last: 1}}}
                """);
        assertThat(line.run("backups", "pin", "nightly/20261120T021500Z"))
                .isEqualTo(new Ended(0, "backup 20261120T021500Z stays until it is unpinned\n", ""));
        assertThat(line.run("backups", "nightly").out().lines().map(text -> text.replaceAll(".*  ", "")))
                .containsExactly(
                        "KEPT BECAUSE", "the newest good one, last 1 of 1", "not kept: no rule keeps it", "pinned");
        assertThat(line.run("backups", "nightly", "--output", "json").out())
                .contains("\"kept\" : true,\n    \"keptBecause\" : [ \"pinned\" ]")
                .contains("\"kept\" : false,\n    \"keptBecause\" : [ ]");
        assertThat(line.run("prune", "nightly").out())
                .endsWith("prod: deleted 1 backup, 0 unfinished ones, 1 data file of 6 B\n");

        assertThat(line.run("backups", "unpin", "20261120T021500Z", "--repository", "r", "--output", "json")
                        .out())
                .contains("\"pinned\" : false");
        assertThat(line.run("prune", "nightly").out()).contains("prod: deleted 1 backup,");
        assertThat(line.run("backups", "pin", "20261120T021500Z", "--repository", "r")
                        .exitCode())
                .isEqualTo(10);
    }

    @Test
    void without_a_rule_it_refuses() {
        assertThat(line.run("prune", "--repository", "r", "--keep-minimum", "3"))
                .isEqualTo(new Ended(2, "", "hyperkeep: nothing says which backups to keep\n" + NO_RULE));
        line.config("""
                databases: {prod: {uri: 'postgresql://db/prod'}}
                plans: {nightly: {database: prod, repository: ../r, retention: {keep-last: 0}}}
                """);
        assertThat(line.run("prune", "nightly"))
                .isEqualTo(new Ended(
                        2, "", "hyperkeep: nothing says which backups to keep of plan 'nightly'\n" + NO_RULE));
        assertThat(line.run("prune", "--keep-last", "1")).isEqualTo(new Ended(2, "", """
                hyperkeep: a repository is missing
                HINT: name a plan, or give --repository DIR.
                """));
        assertThat(line.run("prune", "nightly", "--repository", "r", "--keep-last", "1"))
                .isEqualTo(new Ended(2, "", """
                hyperkeep: plan 'nightly' has its own database and repository
                HINT: give either a plan, or --repository and --database.
                """));
    }

    @Test
    void values_that_can_not_be() {
        assertThat(line.run(
                        "prune",
                        "--repository",
                        "r",
                        "--keep-last",
                        "many",
                        "--keep-within",
                        "2w",
                        "--keep-minimum",
                        "0",
                        "--zone",
                        "Mars/Olympus"))
                .isEqualTo(new Ended(2, "", """
                hyperkeep: the command line has 4 problems:
                  --keep-last: 'many' is not a whole number from 0 to 100000
                  --keep-within: '2w' is not a duration such as 500ms, 60s, 5m or 2h
                  --keep-minimum: '0' is not a whole number from 1 to 100000
                  --zone: 'Mars/Olympus' is not a time zone such as UTC or Europe/Berlin
                HINT: --help lists the options of a command.
                """));
        line.config("""
                plans:
                  nightly:
                    database: postgresql://db/prod
                    repository: ../r
                    keep-last: 3
                    retention: {keep-dayly: 3, keep-leftovers: 5m}
                """);
        assertThat(line.run("config", "check").err()).isEqualTo("""
                hyperkeep: the configuration has 3 problems:
                  FOLDER/home/hyperkeep.yml:5: plans.nightly.keep-last: there is no such key
                  FOLDER/home/hyperkeep.yml:6: plans.nightly.retention.keep-dayly: there is no such key; did you mean 'keep-daily'?
                  FOLDER/home/hyperkeep.yml:6: plans.nightly.retention.keep-leftovers: '5m' is not a duration from 1h to 36500d
                HINT: `hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.
                """);
    }

    @Test
    void what_is_not_there() {
        assertThat(line.run("prune", "--repository", "r", "--database", "pord", "--keep-last", "1"))
                .isEqualTo(new Ended(10, "", """
                hyperkeep: there are no backups of database 'pord' in repository FOLDER/r
                HINT: it has those of prod.
                """));
        assertThat(line.run("prune", "--repository", "nowhere", "--keep-last", "1"))
                .isEqualTo(new Ended(10, "", """
                hyperkeep: there is no repository in FOLDER/nowhere: it has no hyperkeep.json
                HINT: give the folder that `hyperkeep backup --repository` was given
                """));
    }

    @Test
    void beside_a_backup_it_is_refused_and_other_databases_are_pruned_all_the_same() throws IOException {
        repository.seal("other", "20261120T021500Z", "a");
        repository.seal("other", "20261121T021500Z", "b");
        Clock clock = Clock.fixed(Instant.parse("2026-11-22T02:15:00Z"), ZoneOffset.UTC);
        Repository open = Repository.open(folder.resolve("r"));
        try (FolderLock lock = new FolderLocks(open.database("prod"), clock, text -> {})
                .acquire(FolderUse.BACKUP, "backup run 12", lost -> {})) {
            Ended ended = line.run("prune", "--repository", "r", "--keep-last", "1");

            assertThat(ended.exitCode()).isEqualTo(11);
            assertThat(ended.err())
                    .matches(
                            "hyperkeep: folder FOLDER/r/prod is in use by backup run 12 on .+, process "
                                    + ProcessHandle.current().pid() + ", since 2026-11-22 02:15:00 UTC\n"
                                    + "HINT: try again when that has ended; `hyperkeep runs list`, on that machine, names it\n");
            assertThat(ended.out()).endsWith("other: deleted 1 backup, 0 unfinished ones, 1 data file of 4 B\n");
            lock.requireHeld();
        }
        assertThat(Repository.open(folder.resolve("r")).backups()).hasSize(4);
    }

    @Test
    void a_damaged_backup_is_a_warning() throws IOException {
        Files.delete(repository.data("prod", "newer"));

        Ended ended = line.run("prune", "--repository", "r", "--keep-last", "1");
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.err())
                .isEqualTo(
                        "WARNING: backup 20261121T221500Z of prod lacks files or has cut ones; it is kept: `hyperkeep"
                                + " verify` names them\n");
        assertThat(ended.out()).contains("20261121T221500Z  prod      2026-11-21 22:15:00Z  yes   damaged, no rule");
        assertThat(line.run("verify", "--repository", "r").err()).isEqualTo("""
                hyperkeep: 1 of 2 backups is damaged
                HINT: copy the files again from where the backup was copied from, or use another backup.
                """);
    }
}

package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.cli.CommandFixture.Ended;
import io.hyperkeep.manifest.Warning;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsCommandTest {
    @TempDir
    Path folder;

    CommandFixture line;

    @BeforeEach
    void begin() {
        line = new CommandFixture(folder);
        ManifestFixture.seal(folder.resolve("r"), "prod", "20261121T021500Z", true);
        ManifestFixture.seal(folder.resolve("r"), "prod", "20261122T021500Z", false, new Warning("x", "something"));
    }

    @Test
    void a_table_for_people_newest_first() {
        assertThat(line.run("backups", "--repository", "r")).isEqualTo(new Ended(0, """
                BACKUP            DATABASE  KIND    STARTED               TABLES       ROWS   STORED  CONSISTENT  WARNINGS
                20261122T021500Z  prod      tables  2026-11-22 02:15:00Z       1  1,234,567  1.5 MiB  no                 1
                20261121T021500Z  prod      tables  2026-11-22 02:15:00Z       1  1,234,567  1.5 MiB  yes                0
                """, ""));
    }

    @Test
    void a_document_for_scripts() {
        assertThat(line.run("backups", "--repository", "r", "--database", "prod", "--output", "json")
                        .out())
                .startsWith("""
                        {
                          "backups" : [ {
                            "backup" : "20261122T021500Z",
                            "path" : "FOLDER/r/prod/backups/20261122T021500Z",
                            "database" : "prod",
                            "kind" : "tables",
                            "run" : 7,
                            "plan" : null,
                            "started" : "2026-11-22T02:15:00Z",
                            "sealed" : "2026-11-22T02:17:05Z",
                            "seconds" : 125.0,
                            "tables" : 1,
                            "units" : 4,
                            "reusedUnits" : 1,
                            "rows" : 1234567,
                            "bytes" : 5242880,
                            "storedBytes" : 1572864,
                            "consistent" : false,
                            "warnings" : [ {
                              "code" : "x",
                              "text" : "something"
                            } ]
                          }, {
                            "backup" : "20261121T021500Z",
                        """);
    }

    @Test
    void one_that_can_not_be_read_is_listed_and_fails_the_command() {
        line.write("r/prod/backups/20261121T021500Z/manifest.json", "{\"formatVersion\":1");

        Ended ended = line.run("backups", "--repository", "r");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.out())
                .contains("20261122T021500Z", "20261121T021500Z  prod      ?")
                .contains("damaged");
        assertThat(ended.err()).contains("cannot read FOLDER/r/prod/backups/20261121T021500Z/manifest.json");
    }

    @Test
    void without_a_word_those_of_every_configured_repository() {
        assertThat(line.run("backups")).isEqualTo(new Ended(2, "", """
                hyperkeep: a repository is missing: none is configured
                HINT: give --repository DIR.
                """));
        line.config("""
                databases: {prod: {uri: 'postgresql://h/x'}, late: {uri: 'postgresql://h/y'}}
                repositories: {nas: ../r}
                plans: {nightly: {database: prod, repository: nas}, weekly: {database: late, repository: ../none}}
                """);
        assertThat(line.run("backups").out().lines()).hasSize(3);
        assertThat(line.run("backups", "nightly").out().lines()).hasSize(3);
        assertThat(line.run("backups", "weekly").out()).isEqualTo("no backups\n");
        assertThat(line.run("backups", "--database", "test").out()).isEqualTo("no backups\n");
    }

    @Test
    void one_backup_whole() {
        assertThat(line.run("show", "20261122T021500Z", "--repository", "r")).isEqualTo(new Ended(0, """
                Backup      20261122T021500Z (tables)
                Folder      FOLDER/r/prod/backups/20261122T021500Z
                Source      prod, PostgreSQL 17.11, TimescaleDB 2.31.0 (timescale)
                Taken       2026-11-22 02:15:00Z, in 2m 05s
                Consistent  no: not every unit was read under one snapshot
                Size        1.5 MiB stored, 5.0 MiB as CSV, 4 units
                Written by  hyperkeep 0.1.0, run 7
                Warning     something

                TABLE           KIND   CHUNKS  COMPRESSED  UNITS       ROWS  STORED
                public.metrics  plain       0           0      0  1,234,567     0 B
                """, ""));
        assertThat(line.run("show", "20261122T021500Z", "--repository", "r", "--output", "json")
                        .out())
                .contains("\"contents\" : [ {", "\"table\" : \"public.metrics\"", "\"formatVersion\" : 1");
    }
}

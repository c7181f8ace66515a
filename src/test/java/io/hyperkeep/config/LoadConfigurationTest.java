package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.database.PasswordSource;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadConfigurationTest {
    @TempDir
    Path folder;

    @Test
    void every_problem_is_told_at_once_with_its_line() {
        BackupException problems = failure(Map.of("HYPERKEEP_JOBS", "0"), """
                homme: /srv
                metadata:
                  user: hk
                databases:
                  prod:
                    uri: postgresql://backup:s3cret@db/prod
                    pasword-file: x
                  test:
                    password-file: a
                    password-command: b
                  bad name:
                    uri: postgresql://db:port/x
                repositories:
                  nas: /mnt/nas
                  tape:
                defaults:
                  kind: clusters
                  lock: strikt
                plans:
                  nightly:
                    database: prot
                    repository: nass
                    jobs: many
                    lock-timeout: 60
                    unit-size: 16MB
                    include: {a: b}
                  weekly:
                    compression: gzip
                    compression-level: 12
                    slice-size: [1GiB]
                """);

        assertThat(problems.problem()).isEqualTo(Problem.CONFIGURATION);
        assertThat(problems.problem().exitCode()).isEqualTo(2);
        assertThat(problems.text().replace(folder + "/", "")).isEqualTo("""
                the configuration has 22 problems:
                  plans.weekly.database: this key is missing
                  plans.weekly.repository: this key is missing
                  HYPERKEEP_JOBS: '0' is not a whole number from 1 to 64
                  hyperkeep.yml:1: homme: there is no such key; did you mean 'home'?
                  hyperkeep.yml:3: metadata.user: this is for a PostgreSQL database, so metadata.url is needed too
                  hyperkeep.yml:6: databases.prod.uri: the database URI holds a password, which everybody on this \
                machine could read; take it out, and give the password in PGPASSWORD, in ~/.pgpass, or with a password file \
                or command in the configuration.
                  hyperkeep.yml:7: databases.prod.pasword-file: there is no such key; did you mean 'password-file'?
                  hyperkeep.yml:9: databases.test.uri: this key is missing
                  hyperkeep.yml:10: databases.test.password-command: a password comes from a file or from a command, \
                not from both
                  hyperkeep.yml:11: databases.bad name: a name has up to 63 letters, digits, '_', '.' and '-', \
                and begins with a letter or digit
                  hyperkeep.yml:12: databases.bad name.uri: the database URI has a port that is not a number from 1 to \
                65535; write postgresql://user@host:5432/database?sslmode=…, or postgresql:///database?host=/socket/folder.
                  hyperkeep.yml:15: repositories.tape: its folder is missing
                  hyperkeep.yml:17: defaults.kind: 'clusters' is not one of tables, database, cluster; did you mean 'cluster'?
                  hyperkeep.yml:18: defaults.lock: 'strikt' is not one of strict, light; did you mean 'strict'?
                  hyperkeep.yml:21: plans.nightly.database: there is no database 'prot' in the configuration; \
                did you mean 'prod'?
                  hyperkeep.yml:22: plans.nightly.repository: there is no repository 'nass' in the configuration; \
                did you mean 'nas'?
                  hyperkeep.yml:23: plans.nightly.jobs: 'many' is not a whole number from 1 to 64
                  hyperkeep.yml:24: plans.nightly.lock-timeout: '60' is not a duration such as 500ms, 60s, 5m or 2h
                  hyperkeep.yml:25: plans.nightly.unit-size: '16MB' is not a size such as 64KiB, 16MiB or 1GiB
                  hyperkeep.yml:26: plans.nightly.include: a list of texts is expected here
                  hyperkeep.yml:29: plans.weekly.compression-level: '12' is not a whole number from 1 to 9
                  hyperkeep.yml:30: plans.weekly.slice-size: one value is expected here, not a list or further keys
                HINT: `hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.""");
    }

    @Test
    void a_syntax_error_has_its_line() {
        assertThat(failure(Map.of(), "databases:\n  prod:\n    uri: [a\nplans: x\n")
                        .getMessage())
                .isEqualTo(folder + "/hyperkeep.yml:4: this is not YAML: expected ',' or ']', but got :");
    }

    @Test
    void a_tab_a_list_at_the_top_and_a_second_value_are_told_too() {
        assertThat(failure(Map.of(), "databases:\n\tprod: x\n").getMessage())
                .startsWith(folder + "/hyperkeep.yml:2: this is not YAML: found character '\\t(TAB)'");
        assertThat(failure(Map.of(), "- a\n").getMessage())
                .isEqualTo(folder + "/hyperkeep.yml:1: keys are expected here, such as `databases:`");
        assertThat(failure(Map.of(), "home: /a\nhome: /b\n").getMessage())
                .isEqualTo(folder + "/hyperkeep.yml:2: home: this key is given twice");
    }

    @Test
    void a_file_that_was_named_and_is_not_there_is_a_problem() {
        ConfigFixture fixture = new ConfigFixture(folder, Map.of());
        ConfigLocation location = ConfigLocation.find("nowhere.yml", Map.of(), fixture.paths());

        assertThat(catchThrowableOfType(
                                BackupException.class, () -> fixture.loading().load(location))
                        .getMessage())
                .isEqualTo(folder + "/cwd/nowhere.yml: there is no such file");
    }

    @Test
    void without_a_file_the_defaults_hold() {
        ConfigFixture fixture = new ConfigFixture(folder, Map.of());
        Configuration configuration = fixture.loading().load(ConfigLocation.find(null, Map.of(), fixture.paths()));

        assertThat(configuration.home()).isEqualTo(folder.resolve("home/olga/.hyperkeep"));
        assertThat(configuration.metadata()).isEqualTo(MetadataSettings.EMBEDDED);
        assertThat(configuration.plans()).isEmpty();
    }

    @Test
    void an_empty_file_and_empty_keys_say_nothing() {
        Configuration configuration = new ConfigFixture(folder, Map.of()).load("# nothing\ndatabases:\nplans:\n");

        assertThat(configuration.databases()).isEmpty();
        assertThat(configuration.plans()).isEmpty();
        assertThat(new ConfigFixture(folder, Map.of()).load("").plans()).isEmpty();
    }

    @Test
    void placeholders_come_from_the_environment() {
        String yaml = """
                databases:
                  prod:
                    uri: postgresql://${DB_HOST:localhost}/prod
                    password-file: ${CREDENTIALS}/prod
                    password-command:
                """;
        ConfigFixture fixture = new ConfigFixture(folder, Map.of("CREDENTIALS", "/run/credentials"));

        ConfiguredDatabase database = fixture.load(yaml).databases().get("prod");
        assertThat(database.settings().address().host()).isEqualTo("localhost");
        assertThat(database.settings().password())
                .isEqualTo(new PasswordSource(Path.of("/run/credentials/prod"), null));
        assertThat(failure(Map.of(), yaml).getMessage())
                .isEqualTo(
                        folder
                                + "/hyperkeep.yml:4: databases.prod.password-file: the environment variable CREDENTIALS is not set");
    }

    @Test
    void relative_paths_start_from_the_files_folder_and_the_tilde_is_the_user() {
        Configuration configuration = new ConfigFixture(folder, Map.of()).load("""
                home: state
                databases:
                  prod: {uri: 'postgresql://db/prod', client-tools: ~/pg/bin, password-command: 'pass show $$x'}
                  test: {uri: 'postgresql://db/test', password-command: [pass, show]}
                repositories:
                  nas: ../nas
                """);

        assertThat(configuration.home()).isEqualTo(folder.resolve("state"));
        assertThat(configuration.repositories().get("nas").folder()).isEqualTo(folder.resolveSibling("nas"));
        assertThat(configuration.databases().get("prod").settings().clientTools())
                .isEqualTo(folder.resolve("home/olga/pg/bin"));
        assertThat(configuration.databases().get("prod").settings().password().command())
                .isEqualTo(List.of("/bin/sh", "-c", "pass show $x"));
        assertThat(configuration.databases().get("test").settings().password().command())
                .isEqualTo(List.of("pass", "show"));
    }

    @Test
    void metadata_can_live_in_postgresql_but_its_url_holds_no_password() {
        MetadataSettings metadata = new ConfigFixture(folder, Map.of("HYPERKEEP_METADATA_USER", "other"))
                .load("metadata: {url: 'jdbc:postgresql://db/hk', user: hk, password-file: pw}")
                .metadata();

        assertThat(metadata).isEqualTo(new MetadataSettings("jdbc:postgresql://db/hk", "other", folder.resolve("pw")));
        assertThat(failure(Map.of(), "metadata: {url: 'jdbc:postgresql://db/hk?password=s3cret'}")
                        .getMessage())
                .isEqualTo(folder + "/hyperkeep.yml:1: metadata.url: a password must not be part of the URL; "
                        + "give metadata.password-file");
        assertThat(failure(Map.of(), "metadata: {url: 'jdbc:h2:mem:x'}").getMessage())
                .isEqualTo(folder + "/hyperkeep.yml:1: metadata.url: this is not a URL of the form "
                        + "jdbc:postgresql://host:port/database");
    }

    private BackupException failure(Map<String, String> environment, String yaml) {
        return catchThrowableOfType(BackupException.class, () -> new ConfigFixture(folder, environment).load(yaml));
    }
}

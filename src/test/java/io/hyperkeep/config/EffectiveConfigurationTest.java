package io.hyperkeep.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffectiveConfigurationTest {
    @TempDir
    Path folder;

    @Test
    void every_value_says_where_it_comes_from_and_arguments_of_password_commands_are_masked() {
        ConfigFixture fixture = new ConfigFixture(
                folder, Map.of("HYPERKEEP_JOBS", "4", "HYPERKEEP_HOME", "/srv/hk", "HYPERKEEP_LOCK", ""));
        Configuration configuration = fixture.load("""
                databases:
                  a: {uri: 'postgresql://db/a', password-command: [vault, read, s3cret]}
                  b: {uri: 'postgresql://db/b', password-command: 'TOKEN=s3cret vault read'}
                repositories: {nas: /mnt/nas}
                defaults:
                  lock: light
                plans:
                  nightly:
                    database: a
                    repository: nas
                    compression: gzip
                    retention: {keep-daily: 7, keep-within: 36h}
                """);

        assertThat(new EffectiveConfiguration(configuration, fixture.uris())
                        .values().stream()
                                .filter(value -> !value.key().startsWith("defaults."))
                                .map(value -> value.key() + " = " + value.value() + " ("
                                        + value.origin().replace(folder + "/", "") + ")")
                                .collect(Collectors.joining("\n")))
                .isEqualTo("""
                        home = /srv/hk (environment HYPERKEEP_HOME)
                        metadata = an H2 file in the home folder (default)
                        logging.format = text (default)
                        logging.level = info (default)
                        serve.parallel-runs = 2 (default)
                        serve.restart-on-start = true (default)
                        serve.stop-grace = 30s (default)
                        management.address = 127.0.0.1 (default)
                        management.port = 8471 (default)
                        databases.a.uri = postgresql://db/a (hyperkeep.yml:2)
                        databases.a.password-command = vault *** (hyperkeep.yml:2)
                        databases.b.uri = postgresql://db/b (hyperkeep.yml:3)
                        databases.b.password-command = *** *** (hyperkeep.yml:3)
                        repositories.nas = /mnt/nas (hyperkeep.yml:4)
                        plans.nightly.database = a (hyperkeep.yml:9)
                        plans.nightly.repository = nas (hyperkeep.yml:10)
                        plans.nightly.kind = tables (default)
                        plans.nightly.dump-format = directory (default)
                        plans.nightly.include =  (default)
                        plans.nightly.exclude =  (default)
                        plans.nightly.include-database =  (default)
                        plans.nightly.exclude-database =  (default)
                        plans.nightly.cluster-kind = database (default)
                        plans.nightly.role-passwords = true (default)
                        plans.nightly.jobs = 4 (environment HYPERKEEP_JOBS)
                        plans.nightly.lock = light (hyperkeep.yml:6)
                        plans.nightly.lock-timeout = 60s (default)
                        plans.nightly.compression = gzip (hyperkeep.yml:11)
                        plans.nightly.compression-level = 6 (default)
                        plans.nightly.unit-size = 16MiB (default)
                        plans.nightly.slice-size = 256MiB (default)
                        plans.nightly.full = false (default)
                        plans.nightly.verify-reused = false (default)
                        plans.nightly.max-attempts = 2 (default)
                        plans.nightly.compress = as-source (default)
                        plans.nightly.strict = false (default)
                        plans.nightly.no-tablespaces = false (default)
                        plans.nightly.freshness = schedule (default)
                        plans.nightly.zone = UTC (default)
                        plans.nightly.schedule =  (default)
                        plans.nightly.verify-schedule =  (default)
                        plans.nightly.drill-schedule =  (default)
                        plans.nightly.prune-schedule =  (default)
                        plans.nightly.catch-up = once (default)
                        plans.nightly.jitter = 0s (default)
                        plans.nightly.blackout =  (default)
                        plans.nightly.prune-after-backup = true (default)
                        plans.nightly.retention.keep-last = 0 (default)
                        plans.nightly.retention.keep-within = 36h (hyperkeep.yml:12)
                        plans.nightly.retention.keep-hourly = 0 (default)
                        plans.nightly.retention.keep-daily = 7 (hyperkeep.yml:12)
                        plans.nightly.retention.keep-weekly = 0 (default)
                        plans.nightly.retention.keep-monthly = 0 (default)
                        plans.nightly.retention.keep-yearly = 0 (default)
                        plans.nightly.retention.keep-minimum = 1 (default)
                        plans.nightly.retention.keep-leftovers = 1d (default)
                        plans.nightly.hooks.timeout = 5m (default)""");
    }
}

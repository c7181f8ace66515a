package io.hyperkeep.jobs;

import io.hyperkeep.archive.SealDatabase;
import io.hyperkeep.cluster.SealCluster;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.OpenRepository;
import io.hyperkeep.storage.Repository;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.info.ProjectInfoAutoConfiguration;
import org.springframework.boot.batch.autoconfigure.BatchAutoConfiguration;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The engine's parts; Spring Boot brings the metadata's DataSource, its schema and the job repository. */
@Configuration(proxyBeanMethods = false)
// the few that the engine needs, by name: finding out that it needs no other takes a second at every start
@ImportAutoConfiguration({
    PropertyPlaceholderAutoConfiguration.class,
    ProjectInfoAutoConfiguration.class,
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    TransactionManagerCustomizationAutoConfiguration.class,
    FlywayAutoConfiguration.class,
    BatchAutoConfiguration.class,
    BatchJdbcAutoConfiguration.class
})
@Import({
    BackupJob.class,
    DatabaseBackupJob.class,
    RestoreJob.class,
    DatabaseRestoreJob.class,
    ClusterBackupJob.class,
    ClusterRestoreJob.class,
    PruneJob.class,
    VerifyJob.class
})
public class EngineConfiguration {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    OpenRepository repositories() {
        return Repository::openOrCreate;
    }

    @Bean
    Attempts attempts() {
        return new Attempts();
    }

    @Bean
    RunRecords runRecords(JdbcClient jdbc, Clock clock) {
        return new RunRecords(jdbc, clock);
    }

    @Bean
    RunQueries runQueries(JdbcClient jdbc) {
        return new RunQueries(jdbc);
    }

    @Bean
    Firings firings(JdbcClient jdbc, Clock clock) {
        return new Firings(jdbc, clock);
    }

    @Bean
    RecordRuns recordRuns(Attempts attempts, RunRecords records, RunQueries runs) {
        return new RecordRuns(attempts, records, runs);
    }

    @Bean
    RestartRuns restartRuns(DataSource metadata, JobRepository repository, RunRecords records, RunQueries runs) {
        return new RestartRuns(metadata, repository, records, runs);
    }

    @Bean
    ControlRuns controlRuns(
            DataSource metadata, JobRepository repository, RunRecords records, RunQueries runs, Clock clock) {
        return new ControlBatchRuns(metadata, repository, records, runs, clock);
    }

    @Bean
    RetryUnit retryUnit() {
        return new RetryUnit();
    }

    @Bean
    SealBackup sealBackup(Clock clock, BuildProperties build) {
        return new SealBackup(clock, "hyperkeep " + build.getVersion());
    }

    @Bean
    KeepEvidence keepEvidence(RunQueries runs, BuildProperties build) {
        return new KeepEvidence(runs, "hyperkeep " + build.getVersion());
    }

    @Bean
    SealDatabase sealDatabase(Clock clock, BuildProperties build) {
        return new SealDatabase(clock, "hyperkeep " + build.getVersion());
    }

    /** What the configuration says about plans comes from the door, which has read it. */
    @Bean
    RunPlan runPlan(LaunchRun launch, ObjectProvider<Hooks> hooks, ObjectProvider<Notify> people) {
        return new RunPlan(
                launch,
                new PruneAfterBackup(launch),
                hooks.getIfAvailable(() -> Hooks.NONE),
                people.getIfAvailable(() -> Notify.NOBODY));
    }

    @Bean
    SealCluster sealCluster(Clock clock, BuildProperties build) {
        return new SealCluster(clock, "hyperkeep " + build.getVersion());
    }

    @Bean
    LaunchRun launchRun(
            JobOperator operator,
            @Qualifier("backup") Job backup,
            @Qualifier("databaseBackup") Job databaseBackup,
            @Qualifier("clusterBackup") Job clusterBackup,
            @Qualifier("restore") Job restore,
            @Qualifier("drill") Job drill,
            @Qualifier("databaseRestore") Job databaseRestore,
            @Qualifier("databaseDrill") Job databaseDrill,
            @Qualifier("clusterRestore") Job clusterRestore,
            @Qualifier("prune") Job prune,
            @Qualifier("verify") Job verify,
            Attempts attempts,
            RunRecords records,
            RestartRuns restarts,
            KeepEvidence evidence,
            Clock clock) {
        return new LaunchBatchRun(
                operator,
                new LaunchBatchRun.Jobs(
                        backup,
                        databaseBackup,
                        clusterBackup,
                        restore,
                        databaseRestore,
                        clusterRestore,
                        drill,
                        databaseDrill,
                        prune,
                        verify),
                attempts,
                records,
                restarts,
                evidence,
                clock);
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.jobs.steps.CheckServerOfCluster;
import io.hyperkeep.jobs.steps.EndCluster;
import io.hyperkeep.jobs.steps.PlanDatabases;
import io.hyperkeep.jobs.steps.ReadCluster;
import io.hyperkeep.jobs.steps.RestoreGlobalObjects;
import io.hyperkeep.jobs.steps.RestoreOneDatabase;
import io.hyperkeep.runs.RunRecords;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A restore of a cluster, as a story. */
@Configuration(proxyBeanMethods = false)
class ClusterRestoreJob {
    @Bean
    Job clusterRestore(
            JobRepository repository, Attempts attempts, RunRecords records, RecordRuns recordRuns, Clock clock) {
        JobSteps<ClusterRestoreAttempt> step = new JobSteps<>(repository, attempts, ClusterRestoreAttempt.class);
        return new JobBuilder("cluster-restore", repository)
                .listener(recordRuns)
                // the globals are checked, and every database's manifest, before the target is touched
                .start(step.phase("read-manifest", new ReadCluster(clock)))
                // no database is there yet, and tablespaces have their folders
                .next(step.bookkeeping("prepare", new CheckServerOfCluster()))
                // whatever owns or may do something has to be there before the databases
                .next(step.phase("globals", new RestoreGlobalObjects()))
                .next(step.bookkeeping("plan", PlanDatabases.ofRestore(records)))
                // each a run of its own, one after the other; one that fails keeps nobody from the others
                .next(step.units(
                        "databases",
                        ClusterRestoreAttempt::beginDatabases,
                        attempt -> 1,
                        new RestoreOneDatabase(records)::run))
                // a restore that lacks a database is none
                .next(step.phase("finish", new EndCluster()))
                .build();
    }
}

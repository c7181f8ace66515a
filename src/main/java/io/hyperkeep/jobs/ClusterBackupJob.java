package io.hyperkeep.jobs;

import io.hyperkeep.cluster.SealCluster;
import io.hyperkeep.jobs.steps.BackupOneDatabase;
import io.hyperkeep.jobs.steps.BeginDraft;
import io.hyperkeep.jobs.steps.DumpGlobalsFile;
import io.hyperkeep.jobs.steps.FindDatabases;
import io.hyperkeep.jobs.steps.LockRepository;
import io.hyperkeep.jobs.steps.PlanDatabases;
import io.hyperkeep.jobs.steps.RunBefore;
import io.hyperkeep.jobs.steps.SealGlobalsAndDatabases;
import io.hyperkeep.jobs.steps.VerifySealed;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.OpenRepository;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A backup of every database of a server, as a story. */
@Configuration(proxyBeanMethods = false)
class ClusterBackupJob {
    @Bean
    Job clusterBackup(
            JobRepository repository,
            Attempts attempts,
            RunRecords records,
            RecordRuns recordRuns,
            OpenRepository repositories,
            SealCluster seal,
            Clock clock) {
        JobSteps<ClusterBackupAttempt> step = new JobSteps<>(repository, attempts, ClusterBackupAttempt.class);
        return new JobBuilder("cluster-backup", repository)
                .listener(recordRuns)
                // what the plan's owner wants done first, or to leave the backup out
                .start(step.phase("before", new RunBefore()))
                // which databases there are, and what is said of each as a whole
                .next(step.phase("discover", new FindDatabases()))
                // one run a cluster and repository, and no prune meanwhile
                .next(step.phase("lock-repository", new LockRepository(repositories, clock)))
                .next(step.bookkeeping("open-draft", new BeginDraft(records)))
                .next(step.phase("dump-globals", new DumpGlobalsFile()))
                .next(step.bookkeeping("plan", PlanDatabases.ofBackup(records)))
                // each a run of its own, one after the other; one that fails keeps nobody from the others
                .next(step.units(
                        "databases",
                        ClusterBackupAttempt::beginDatabases,
                        attempt -> 1,
                        new BackupOneDatabase(records)::run))
                // over what was sealed by then, and what could not be
                .next(step.phase("seal", new SealGlobalsAndDatabases(seal)))
                .next(step.phase("verify", new VerifySealed()))
                .build();
    }
}

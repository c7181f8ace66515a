package io.hyperkeep.jobs;

import io.hyperkeep.export.SealBackup;
import io.hyperkeep.jobs.steps.Discover;
import io.hyperkeep.jobs.steps.DumpSchemaFiles;
import io.hyperkeep.jobs.steps.ExportOneUnit;
import io.hyperkeep.jobs.steps.LockDatabase;
import io.hyperkeep.jobs.steps.LockRepository;
import io.hyperkeep.jobs.steps.PlanExport;
import io.hyperkeep.jobs.steps.RunBefore;
import io.hyperkeep.jobs.steps.Seal;
import io.hyperkeep.jobs.steps.VerifySealed;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.OpenRepository;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A backup, as a story. */
@Configuration(proxyBeanMethods = false)
class BackupJob {
    static final String NAME = "backup";

    @Bean
    Job backup(
            JobRepository repository,
            Attempts attempts,
            RunRecords records,
            RecordRuns recordRuns,
            RetryUnit retry,
            SealBackup seal,
            OpenRepository repositories,
            Clock clock) {
        JobSteps<BackupAttempt> step = new JobSteps<>(repository, attempts, BackupAttempt.class);
        return new JobBuilder(NAME, repository)
                .listener(recordRuns)
                // the plan's own command may say that there is to be no backup this time
                .start(step.phase("before", new RunBefore()))
                // one run a database, whoever starts it
                .next(step.phase("lock", new LockDatabase()))
                // locks before the snapshot, and all that follows in it
                .next(step.phase("discover", new Discover()))
                // before anything of earlier backups is looked at
                .next(step.phase("lock-repository", new LockRepository(repositories, clock)))
                .next(step.bookkeeping("plan", new PlanExport(records)))
                // in the same snapshot as the rows
                .next(step.phase("dump-schema", new DumpSchemaFiles()))
                .next(step.units(
                        "export",
                        BackupAttempt::beginExport,
                        attempt -> attempt.plan().jobs(),
                        new ExportOneUnit(records, retry)::run))
                // the manifest is written last: before it there is no backup
                .next(step.bookkeeping("seal", new Seal(records, seal)))
                .next(step.phase("verify", new VerifySealed()))
                .build();
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.archive.SealDatabase;
import io.hyperkeep.jobs.steps.BeginDraft;
import io.hyperkeep.jobs.steps.CheckLosses;
import io.hyperkeep.jobs.steps.Discover;
import io.hyperkeep.jobs.steps.DumpArchive;
import io.hyperkeep.jobs.steps.LockDatabase;
import io.hyperkeep.jobs.steps.LockRepository;
import io.hyperkeep.jobs.steps.RunBefore;
import io.hyperkeep.jobs.steps.SealArchive;
import io.hyperkeep.jobs.steps.VerifySealed;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.OpenRepository;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A backup of a whole database by pg_dump, as a story. */
@Configuration(proxyBeanMethods = false)
class DatabaseBackupJob {
    @Bean
    Job databaseBackup(
            JobRepository repository,
            Attempts attempts,
            RunRecords records,
            RecordRuns recordRuns,
            SealDatabase seal,
            OpenRepository repositories,
            Clock clock) {
        JobSteps<BackupAttempt> step = new JobSteps<>(repository, attempts, BackupAttempt.class);
        return new JobBuilder("database-backup", repository)
                .listener(recordRuns)
                // the plan's own command may say that there is to be no backup this time
                .start(step.phase("before", new RunBefore()))
                // one run a database, whoever starts it
                .next(step.phase("lock", new LockDatabase()))
                // locks before the snapshot, and all that follows in it
                .next(step.phase("discover", new Discover()))
                // what pg_dump would lose without a word
                .next(step.phase("check-losses", new CheckLosses()))
                .next(step.phase("lock-repository", new LockRepository(repositories, clock)))
                // what an attempt left that was killed is removed, and dumped anew
                .next(step.bookkeeping("open-draft", new BeginDraft(records)))
                // and, in the same snapshot, how many rows there are, so that a restore can be compared
                .next(step.phase("dump", new DumpArchive()))
                // the manifest is written last: before it there is no backup
                .next(step.phase("seal", new SealArchive(seal)))
                .next(step.phase("verify", new VerifySealed()))
                .build();
    }
}

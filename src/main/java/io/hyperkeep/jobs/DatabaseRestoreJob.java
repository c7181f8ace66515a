package io.hyperkeep.jobs;

import io.hyperkeep.archive.RestoreArchive;
import io.hyperkeep.jobs.steps.Analyze;
import io.hyperkeep.jobs.steps.CompareWhole;
import io.hyperkeep.jobs.steps.LeaveRestoringMode;
import io.hyperkeep.jobs.steps.LockNewTarget;
import io.hyperkeep.jobs.steps.ReadManifest;
import io.hyperkeep.jobs.steps.RestoreEntriesOf;
import io.hyperkeep.jobs.steps.SetProperties;
import io.hyperkeep.jobs.steps.SwitchOnAndEnd;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A restore of a whole database by pg_restore, as a story. */
@Configuration(proxyBeanMethods = false)
class DatabaseRestoreJob {
    @Bean
    Job databaseRestore(JobRepository repository, Attempts attempts, RecordRuns recordRuns, Clock clock) {
        JobSteps<RestoreAttempt> step = new JobSteps<>(repository, attempts, RestoreAttempt.class);
        return new JobBuilder("database-restore", repository)
                .listener(recordRuns)
                // every file is checked before the target is touched
                .start(step.phase("read-manifest", new ReadManifest(clock)))
                // a new database, TimescaleDB in the archive's version, and restoring mode
                .next(step.phase("prepare", new LockNewTarget()))
                .next(step.phase("restore-schema", new RestoreEntriesOf(RestoreArchive::definitions)))
                // TimescaleDB's own rows alone: they say which tables are chunks
                .next(step.phase("restore-catalog", new RestoreEntriesOf(RestoreArchive::catalog)))
                .next(step.phase("import", new RestoreEntriesOf(RestoreArchive::rows)))
                .next(step.phase("finalize", new RestoreEntriesOf(RestoreArchive::indexes)))
                // with every job switched off, as they would run at once
                .next(step.phase("leave-restoring", new LeaveRestoringMode()))
                // what reads rows, which restoring mode hides
                .next(step.phase("late", new RestoreEntriesOf(RestoreArchive::late)))
                .next(step.phase("analyze", new Analyze()))
                .next(step.phase("verify", new CompareWhole()))
                // of the database as a whole; they hold for every session from here on
                .next(step.phase("properties", new SetProperties()))
                // only then is the target no longer marked as unfinished
                .next(step.phase("jobs-on", new SwitchOnAndEnd()))
                .build();
    }
}

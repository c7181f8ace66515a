package io.hyperkeep.jobs;

import io.hyperkeep.archive.RestoreArchive;
import io.hyperkeep.jobs.steps.AnalyzeWhole;
import io.hyperkeep.jobs.steps.CompareWhole;
import io.hyperkeep.jobs.steps.CreateScratch;
import io.hyperkeep.jobs.steps.DropScratch;
import io.hyperkeep.jobs.steps.ImportArchive;
import io.hyperkeep.jobs.steps.LeaveRestoringMode;
import io.hyperkeep.jobs.steps.LockNewTarget;
import io.hyperkeep.jobs.steps.ReadManifest;
import io.hyperkeep.jobs.steps.RestoreEntriesOf;
import io.hyperkeep.jobs.steps.RestoreLate;
import io.hyperkeep.jobs.steps.SetProperties;
import io.hyperkeep.jobs.steps.SwitchOnAndEnd;
import io.hyperkeep.jobs.steps.UpdateExtension;
import io.hyperkeep.runs.RunQueries;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.builder.SimpleJobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A restore of a whole database by pg_restore, as a story; and a drill, which is one into a database of its own. */
@Configuration(proxyBeanMethods = false)
class DatabaseRestoreJob {
    private final JobRepository repository;
    private final Attempts attempts;
    private final RunQueries runs;
    private final RecordRuns recordRuns;
    private final Clock clock;

    DatabaseRestoreJob(
            JobRepository repository, Attempts attempts, RunQueries runs, RecordRuns recordRuns, Clock clock) {
        this.repository = repository;
        this.attempts = attempts;
        this.runs = runs;
        this.recordRuns = recordRuns;
        this.clock = clock;
    }

    @Bean
    Job databaseRestore() {
        return restored(begun("database-restore")).build();
    }

    /** A restore into a database that exists for it alone. */
    @Bean
    Job databaseDrill() {
        JobSteps<DrillAttempt> step = new JobSteps<>(repository, attempts, DrillAttempt.class);
        return restored(begun("database-drill")
                        // after the files were checked: a damaged backup needs no database
                        .next(step.bookkeeping("create-scratch", new CreateScratch(runs))))
                .next(step.phase("drop-scratch", new DropScratch()))
                .build();
    }

    private SimpleJobBuilder begun(String name) {
        JobSteps<RestoreAttempt> step = new JobSteps<>(repository, attempts, RestoreAttempt.class);
        return new JobBuilder(name, repository)
                .listener(recordRuns)
                // every file is checked before the target is touched
                .start(step.phase("read-manifest", new ReadManifest(clock)));
    }

    private SimpleJobBuilder restored(SimpleJobBuilder begun) {
        JobSteps<RestoreAttempt> step = new JobSteps<>(repository, attempts, RestoreAttempt.class);
        return begun
                // a new database, TimescaleDB in the archive's version, and restoring mode
                .next(step.phase("prepare", new LockNewTarget()))
                .next(step.phase("restore-schema", new RestoreEntriesOf(RestoreArchive::definitions)))
                // TimescaleDB's own rows alone: they say which tables are chunks
                .next(step.phase("restore-catalog", new RestoreEntriesOf(RestoreArchive::catalog)))
                .next(step.phase("import", new ImportArchive()))
                .next(step.phase("finalize", new RestoreEntriesOf(RestoreArchive::indexes)))
                // with every job switched off, as they would run at once
                .next(step.phase("leave-restoring", new LeaveRestoringMode()))
                // what reads rows, which restoring mode hides
                .next(step.phase("late", new RestoreLate()))
                .next(step.phase("analyze", new AnalyzeWhole()))
                .next(step.phase("verify", new CompareWhole()))
                // of the database as a whole; they hold for every session from here on
                .next(step.phase("properties", new SetProperties()))
                // by choice; what was compared is of the archive's version
                .next(step.phase("update-extension", new UpdateExtension()))
                // only then is the target no longer marked as unfinished
                .next(step.phase("jobs-on", new SwitchOnAndEnd()));
    }
}

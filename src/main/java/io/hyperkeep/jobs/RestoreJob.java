package io.hyperkeep.jobs;

import io.hyperkeep.jobs.steps.Analyze;
import io.hyperkeep.jobs.steps.ApplyDatabaseSettings;
import io.hyperkeep.jobs.steps.CompareWithManifest;
import io.hyperkeep.jobs.steps.Compress;
import io.hyperkeep.jobs.steps.CreateChunksAhead;
import io.hyperkeep.jobs.steps.CreatePoliciesAndJobs;
import io.hyperkeep.jobs.steps.CreateScratch;
import io.hyperkeep.jobs.steps.CreateTables;
import io.hyperkeep.jobs.steps.DropScratch;
import io.hyperkeep.jobs.steps.Finalize;
import io.hyperkeep.jobs.steps.ImportOneUnit;
import io.hyperkeep.jobs.steps.ImportPutAside;
import io.hyperkeep.jobs.steps.LockTarget;
import io.hyperkeep.jobs.steps.MakeAggregates;
import io.hyperkeep.jobs.steps.MakeHypertables;
import io.hyperkeep.jobs.steps.PlanImport;
import io.hyperkeep.jobs.steps.ReadManifest;
import io.hyperkeep.jobs.steps.SwitchOnAndEnd;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.runs.RunRecords;
import java.time.Clock;
import java.util.Set;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.builder.SimpleJobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A restore, as a story; and a drill, which is one into a database of its own. */
@Configuration(proxyBeanMethods = false)
class RestoreJob {
    static final String NAME = "restore";
    static final String DRILL = "drill";
    private static final String COMPARE = "verify";
    private static final String PROPERTIES = "properties";
    private static final String LAST_PHASE = "jobs-on";
    /** What is left to do when an earlier attempt had done everything. */
    static final Set<String> OF_A_WHOLE_TARGET = Set.of(COMPARE, PROPERTIES, LAST_PHASE);

    private final JobRepository repository;
    private final Attempts attempts;
    private final RunRecords records;
    private final RunQueries runs;
    private final RecordRuns recordRuns;
    private final RetryUnit retry;
    private final Clock clock;

    RestoreJob(
            JobRepository repository,
            Attempts attempts,
            RunRecords records,
            RunQueries runs,
            RecordRuns recordRuns,
            RetryUnit retry,
            Clock clock) {
        this.repository = repository;
        this.attempts = attempts;
        this.records = records;
        this.runs = runs;
        this.recordRuns = recordRuns;
        this.retry = retry;
        this.clock = clock;
    }

    @Bean
    Job restore() {
        return restored(begun(NAME)).build();
    }

    /** A restore into a database that exists for it alone. */
    @Bean
    Job drill() {
        JobSteps<DrillAttempt> step = new JobSteps<>(repository, attempts, DrillAttempt.class);
        return restored(begun(DRILL)
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
        ImportOneUnit one = new ImportOneUnit(records, retry);
        return begun
                // created first if need be, then locked, and only then looked at
                .next(step.phase("lock", new LockTarget(runs, LAST_PHASE)))
                .next(step.phase("restore-schema", new CreateTables()))
                // on empty tables, without indexes
                .next(step.phase("create-hypertables", new MakeHypertables()))
                // before any row, or all of them would count as not aggregated yet
                .next(step.phase("create-aggregates", new MakeAggregates()))
                // ahead, because parallel writers of new chunks wait for each other
                .next(step.phase("create-chunks", new CreateChunksAhead()))
                .next(step.bookkeeping("plan-import", new PlanImport(records)))
                .next(step.units(
                        "import",
                        RestoreAttempt::beginImport,
                        attempt -> attempt.request().jobs(),
                        one::run))
                // what a check refused that reads other tables, now that these have their rows
                .next(step.phase("import-again", new ImportPutAside(one)))
                // indexes, keys, triggers: after the rows, or triggers would fire and indexes be slow; who
                // has no index left to build begins to read back
                .next(step.phase("finalize", new Finalize()))
                // after the indexes and keys, which are built faster on rows that are not compressed
                .next(step.phase("compress", new Compress()))
                // off: none may run while the target is not what it was
                .next(step.phase("create-jobs", new CreatePoliciesAndJobs()))
                .next(step.phase("analyze", new Analyze()))
                // rows, digests and structure
                .next(step.phase(COMPARE, new CompareWithManifest()))
                // of the database as a whole; they hold for every session from here on
                .next(step.phase(PROPERTIES, new ApplyDatabaseSettings()))
                // only now, and by one transaction, are jobs on and is the target no longer marked as unfinished
                .next(step.phase(LAST_PHASE, new SwitchOnAndEnd()));
    }
}

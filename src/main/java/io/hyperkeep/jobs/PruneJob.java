package io.hyperkeep.jobs;

import io.hyperkeep.jobs.steps.PlanPrunes;
import io.hyperkeep.jobs.steps.PruneOneDatabase;
import io.hyperkeep.runs.RunRecords;
import java.time.Clock;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A prune, as a story. */
@Configuration(proxyBeanMethods = false)
class PruneJob {
    static final String NAME = "prune";

    @Bean
    Job prune(JobRepository repository, Attempts attempts, RunRecords records, RecordRuns recordRuns, Clock clock) {
        JobSteps<PruneAttempt> step = new JobSteps<>(repository, attempts, PruneAttempt.class);
        return new JobBuilder(NAME, repository)
                .listener(recordRuns)
                // which databases; what goes of each is decided under its lock only
                .start(step.bookkeeping("plan", new PlanPrunes(records)))
                // one after the other, so that each one's backups wait as short as can be
                .next(step.units(
                        "prune",
                        attempt -> attempt.folders().keySet(),
                        attempt -> 1,
                        new PruneOneDatabase(records, clock)::run))
                .build();
    }
}

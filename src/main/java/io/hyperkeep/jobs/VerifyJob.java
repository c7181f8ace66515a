package io.hyperkeep.jobs;

import io.hyperkeep.jobs.steps.PlanVerification;
import io.hyperkeep.jobs.steps.VerifyOneBackup;
import io.hyperkeep.runs.RunRecords;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A verification of backups' files, as a story. */
@Configuration(proxyBeanMethods = false)
class VerifyJob {
    static final String NAME = "verify";

    @Bean
    Job verify(JobRepository repository, Attempts attempts, RunRecords records, RecordRuns recordRuns) {
        JobSteps<VerifyAttempt> step = new JobSteps<>(repository, attempts, VerifyAttempt.class);
        return new JobBuilder(NAME, repository)
                .listener(recordRuns)
                // which backups, and locks against a prune of them
                .start(step.bookkeeping("plan", new PlanVerification(records)))
                // one after the other: each reads as many files at a time as it was asked to
                .next(step.units(
                        "verify",
                        attempt -> attempt.backups().keySet(),
                        attempt -> 1,
                        new VerifyOneBackup(records)::run))
                .build();
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.step.StepExecution;

/** The attempts that run in this process, by the job parameter that tells runs apart. Thread-safe. */
public final class Attempts {
    /** The job parameter that makes each run a job instance of its own. */
    static final String RUN_KEY = "run";

    private final Map<String, Attempt> byKey = new ConcurrentHashMap<>();

    /** The parameters that identify a job instance. */
    static JobParameters parameters(String key) {
        return new JobParametersBuilder().addString(RUN_KEY, key).toJobParameters();
    }

    void add(String key, Attempt attempt) {
        byKey.put(key, attempt);
    }

    void remove(String key) {
        byKey.remove(key);
    }

    Attempt of(JobParameters parameters) {
        Attempt attempt = byKey.get(String.valueOf(parameters.getString(RUN_KEY)));
        if (attempt == null) {
            throw new IllegalStateException("this run was not launched by this process");
        }
        return attempt;
    }

    Attempt of(StepExecution step) {
        return of(step.getJobExecution().getJobParameters());
    }

    /** Ends a run that lives in this process as failed; nothing happens when it does not, or not any more. */
    public void abort(long run, BackupException why) {
        byKey.values().stream().filter(attempt -> attempt.run() == run).forEach(attempt -> attempt.abort(why));
    }

    /** Asks every attempt to stop; returns at once. */
    void stopAll() {
        byKey.values().forEach(Attempt::stop);
    }
}

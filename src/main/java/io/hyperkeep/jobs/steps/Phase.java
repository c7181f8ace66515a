package io.hyperkeep.jobs.steps;

/**
 * One phase of a job. Thread-safe: what it works on comes as the argument.
 *
 * @param <A> the attempt that it works for
 */
@FunctionalInterface
public interface Phase<A> {
    /** Does the phase to its end. */
    void run(A attempt) throws Exception;
}

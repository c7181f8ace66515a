package io.hyperkeep.cli;

/** The daemon as the command line sees it, its context started. The caller closes it. */
public interface Daemon extends AutoCloseable {
    /** Where it answers: {@code http://127.0.0.1:8471}. */
    String address();

    /** Fires schedules from now on. */
    void begin();

    /**
     * Reads the configuration anew and goes on with it.
     *
     * @throws io.hyperkeep.problem.BackupException with everything that is wrong with it; the daemon goes on with the old one
     */
    void reload();

    /** Begins nothing new, and waits for the end of what runs: by itself within the grace, or stopped. */
    void end();

    @Override
    void close();
}

package io.hyperkeep.cli;

import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.runs.RunQueries;

/** The engine as the command line sees it, started. The caller closes it. */
public interface Engine extends AutoCloseable {
    /** Starts runs. */
    LaunchRun launch();

    /** Stops, recovers and abandons runs, whoever launched them. */
    ControlRuns control();

    /** Reads the record of runs. */
    RunQueries runs();

    @Override
    void close();
}

package io.hyperkeep.cli;

import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;

/** The engine as the command line sees it, started. The caller closes it. */
public interface Engine extends AutoCloseable {
    /** Starts runs. */
    LaunchRun launch();

    /** Backs up plans as a whole. */
    RunPlan plans();

    /** Stops, recovers and abandons runs, whoever launched them. */
    ControlRuns control();

    /** Reads the record of runs. */
    RunQueries runs();

    /** Reads the record of firings. */
    Firings firings();

    @Override
    void close();
}

package io.hyperkeep.cli;

import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.runs.Run;
import java.util.concurrent.Callable;
import picocli.CommandLine.Parameters;

/** Changes what is recorded of one run, and prints how it is recorded then. */
abstract class RunsChange implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "RUN", description = "A run's number.")
    long run;

    RunsChange(Session session) {
        this.session = session;
    }

    /** Does it, and answers with the run as it is then. */
    abstract Run change(ControlRuns control);

    /** What happened, in a line. */
    abstract String said(Run changed);

    @Override
    public final Integer call() {
        try (Engine engine = session.startEngine()) {
            Run changed = change(engine.control());
            session.results().print(RunsList.document(changed), () -> said(changed) + System.lineSeparator());
            return 0;
        }
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.runs.Run;
import picocli.CommandLine.Command;

/** {@code runs abandon}: gives up a run. */
@Command(
        name = "abandon",
        description = "Give up a run that failed or was stopped: it is never offered for restart again.")
final class RunsAbandonCommand extends RunsChange {
    RunsAbandonCommand(Session session) {
        super(session);
    }

    @Override
    Run change(ControlRuns control) {
        return control.abandon(run);
    }

    @Override
    String said(Run abandoned) {
        return "run " + run + " is abandoned";
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.runs.Run;
import picocli.CommandLine.Command;

/** {@code runs recover}: records that a run's process died; commands that launch runs do it for all by themselves. */
@Command(
        name = "recover",
        description = "Record a run as failed whose process was killed, so that it can be restarted.")
final class RunsRecoverCommand extends RunsChange {
    RunsRecoverCommand(Session session) {
        super(session);
    }

    @Override
    Run change(ControlRuns control) {
        return control.recover(run);
    }

    @Override
    String said(Run recovered) {
        return "run " + run + " is recorded as " + recovered.state() + " now; `hyperkeep runs restart " + run
                + "` goes on with it";
    }
}

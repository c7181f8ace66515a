package io.hyperkeep.cli;

import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.runs.Run;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runs stop}: ends a run of another process, so that it can be restarted. */
@Command(name = "stop", description = "Stop a run, whichever process it lives in, and wait until it has stopped.")
final class RunsStopCommand extends RunsChange {
    private static final int PATIENCE = 60;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long to wait for its end; default: " + PATIENCE + ".")
    int patience = PATIENCE;

    RunsStopCommand(Session session) {
        super(session);
    }

    @Override
    Run change(ControlRuns control) {
        return control.stop(run, Duration.ofSeconds(Math.max(0, patience)));
    }

    @Override
    String said(Run ended) {
        return ended.state().equals("STOPPED")
                ? "run " + run + " has stopped; `hyperkeep runs restart " + run + "` goes on with it"
                : "run " + run + " ended as " + ended.state() + " before it stopped";
    }
}

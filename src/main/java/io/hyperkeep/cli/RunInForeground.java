package io.hyperkeep.cli;

import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProgress;
import java.util.function.BiFunction;

/** Runs a backup or restore in this process, with progress, until it ends or is interrupted. */
final class RunInForeground {
    private final Session session;

    RunInForeground(Session session) {
        this.session = session;
    }

    /**
     * Starts the engine, recovers runs whose processes died, runs, and closes the engine.
     *
     * @throws BackupException when no run could be started
     */
    RunOutcome run(BiFunction<Engine, RunProgress, RunOutcome> launch) {
        Screen screen = session.surroundings().screen();
        try (StopOnSignal signals = new StopOnSignal(screen);
                Engine engine = session.startEngine()) {
            if (signals.asked()) {
                throw new BackupException(Problem.INTERRUPTED, "interrupted before the run began", null);
            }
            signals.watch(engine.launch());
            engine.control().recoverDead().forEach(this::tell);
            RunProgress progress = new RunProgress();
            if (session.global().quiet) {
                return launch.apply(engine, progress);
            }
            try (ShowProgress shown =
                    new ShowProgress(progress, screen, session.surroundings().clock())) {
                shown.begin();
                return launch.apply(engine, progress);
            }
        }
    }

    private void tell(Run recovered) {
        session.note("run " + recovered.run() + " is recorded as FAILED now: " + recovered.failure());
    }
}

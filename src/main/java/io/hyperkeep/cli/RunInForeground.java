package io.hyperkeep.cli;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunProgress;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Does what takes long in this process, with progress, until it ends or is interrupted. */
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
    <T> T run(BiFunction<Engine, RunProgress, T> launch) {
        Screen screen = session.surroundings().screen();
        try (StopOnSignal signals = new StopOnSignal(screen);
                Engine engine = session.startEngine()) {
            if (signals.asked()) {
                throw new BackupException(Problem.INTERRUPTED, "interrupted before the run began", null);
            }
            signals.watch(engine.plans()::stop);
            engine.control().recoverDead().forEach(this::tell);
            return shown(progress -> launch.apply(engine, progress));
        }
    }

    /**
     * Does work that needs no engine in this very thread, which Ctrl-C and SIGTERM interrupt.
     *
     * @param phase what it is called
     */
    <T> T work(String phase, Function<RunProgress, T> work) {
        Thread here = Thread.currentThread();
        try (StopOnSignal signals = new StopOnSignal(session.surroundings().screen())) {
            signals.watch(here::interrupt);
            return shown(progress -> {
                progress.enter(phase);
                return work.apply(progress);
            });
        } finally {
            // one that came too late, or was noticed already, is not meant for who prints the result
            Thread.interrupted();
        }
    }

    private <T> T shown(Function<RunProgress, T> work) {
        RunProgress progress = new RunProgress();
        if (session.global().quiet) {
            return work.apply(progress);
        }
        try (ShowProgress shown = new ShowProgress(
                progress,
                session.surroundings().screen(),
                session.surroundings().clock())) {
            shown.begin();
            return work.apply(progress);
        }
    }

    private void tell(Run recovered) {
        session.note("run " + recovered.run() + " is recorded as FAILED now: " + recovered.failure());
    }
}

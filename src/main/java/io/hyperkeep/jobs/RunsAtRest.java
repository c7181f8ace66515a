package io.hyperkeep.jobs;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunClaim;
import io.hyperkeep.runs.RunQueries;
import javax.sql.DataSource;

/** Says of a run why it can not be restarted or abandoned: only what failed or was stopped can. Thread-safe. */
final class RunsAtRest {
    private final RunQueries runs;

    RunsAtRest(RunQueries runs) {
        this.runs = runs;
    }

    /**
     * Requires that a run failed or was stopped, or for a restart that it lacks a part, and that nobody restarted or abandoned it since.
     *
     * @param what is to be done with it: {@code restart} or {@code abandon}
     * @throws BackupException LOCKED when it runs, USAGE when there is nothing to restart
     */
    void require(Run run, String what) {
        if (run.restartedAs() != null) {
            throw restarted(run, runs.require(run.restartedAs()), what);
        }
        if (run.isUnfinished() || what.equals("restart") && run.isIncomplete()) {
            return;
        }
        switch (run.state()) {
            case "RUNNING" -> throw running(run);
            case "DEAD" -> throw dead(run);
            case "ABANDONED" ->
                throw new BackupException(
                        Problem.USAGE,
                        "run " + run.run() + " was abandoned, so it can not be " + what + "ed",
                        "start a new " + run.job() + " instead.");
            default ->
                throw new BackupException(
                        Problem.USAGE,
                        "run " + run.run() + " ended as " + run.state() + ": there is nothing to " + what,
                        "start a new " + run.job() + " instead.");
        }
    }

    /**
     * Claims a run for this process.
     *
     * @throws BackupException LOCKED when another process has it at this moment
     */
    RunClaim claim(DataSource metadata, long run) {
        return RunClaim.take(metadata, run)
                .orElseThrow(() -> new BackupException(
                        Problem.LOCKED,
                        "another process restarts, recovers or abandons run " + run + " at this moment",
                        "`hyperkeep runs show " + run + "` shows what becomes of it."));
    }

    static BackupException running(Run run) {
        return new BackupException(
                Problem.LOCKED,
                "run " + run.run() + " is running, in process "
                        + run.life().process().pid() + " on "
                        + run.life().process().host() + "; its last sign of life was "
                        + Math.max(0, run.life().silence().toSeconds()) + " s ago",
                "wait for its end, or end it: `hyperkeep runs stop " + run.run() + "`.");
    }

    static BackupException dead(Run run) {
        return new BackupException(
                Problem.USAGE,
                "run " + run.run() + " is recorded as running, but its process seems to have ended without a word",
                "`hyperkeep runs recover " + run.run() + "` records it as failed; then it can be restarted.");
    }

    private static BackupException restarted(Run run, Run restart, String what) {
        String said = "run " + run.run() + " was restarted already, as run " + restart.run() + ", which ";
        if (restart.isUnfinished()) {
            return new BackupException(
                    Problem.USAGE,
                    said + "ended as " + restart.state(),
                    what + " that one: `hyperkeep runs " + what + " " + restart.run() + "`.");
        }
        return restart.state().equals("RUNNING")
                ? new BackupException(
                        Problem.LOCKED,
                        said + "is running",
                        "`hyperkeep runs show " + restart.run() + "` shows how far it is.")
                : new BackupException(
                        Problem.USAGE,
                        said + "is " + restart.state(),
                        "`hyperkeep runs show " + restart.run() + "` shows it.");
    }
}

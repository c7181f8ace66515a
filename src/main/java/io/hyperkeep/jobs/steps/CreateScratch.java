package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.DrillAttempt;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.ScratchDatabase;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunQueries;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the database to restore into, and drops those that drills left behind whose processes were killed: only of
 * drills that this very record of runs names, and that do not run any more.
 */
public final class CreateScratch implements Phase<DrillAttempt> {
    private static final Logger log = LoggerFactory.getLogger(CreateScratch.class);

    private final RunQueries runs;

    public CreateScratch(RunQueries runs) {
        this.runs = runs;
    }

    @Override
    public void run(DrillAttempt attempt) {
        ScratchDatabase scratch = attempt.scratch();
        List<String> found = scratch.found();
        found.forEach(name -> dropIfLeft(scratch, name));
        if (found.contains(attempt.scratchName())) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "there is a database " + attempt.scratchName() + " already",
                    "run the drill again: it takes another name");
        }
        // from here on it may be there: whatever happens next, it goes with the attempt
        attempt.closing(() -> scratch.drop(attempt.scratchName()));
        scratch.create(attempt.scratchName(), attempt.plan().manifest());
    }

    private void dropIfLeft(ScratchDatabase scratch, String name) {
        Optional<Run> drill = runs.drillIn(name);
        if (drill.isEmpty()) {
            log.warn("database {} is called as a drill's, but no drill that is recorded here made it: it stays", name);
        } else if (drill.get().ended() != null) {
            scratch.drop(name);
            log.warn(
                    "dropped database {}, which drill run {} had left behind",
                    name,
                    drill.get().run());
        }
    }
}

package io.hyperkeep.jobs;

import io.hyperkeep.database.Connections;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.ScratchDatabase;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A restore into a scratch database, which is dropped with the attempt, however it ends. */
public final class DrillAttempt extends RestoreAttempt {
    private final DrillRequest drill;

    DrillAttempt(DrillRequest drill, RunProgress progress, @Nullable Long restarts) {
        super(drill.restore(), new Connections(drill.restore().target()), progress, restarts);
        this.drill = drill;
    }

    /** The server's databases of drills. */
    public ScratchDatabase scratch() {
        // connections of its own: those of the attempt are cancelled when it is stopped
        return new ScratchDatabase(new Connections(drill.server()), application());
    }

    /** Name of the database to restore into. */
    public String scratchName() {
        return drill.restore().target().address().database();
    }

    /** What is in this attempt's database is of this attempt: no earlier run left anything there. */
    @Override
    public List<Long> earlierRuns() {
        return List.of();
    }

    @Override
    RunRecords.Begin record() {
        return new RunRecords.Begin(run(), RestoreJob.DRILL, drill.source(), drill.plan(), null, restarts(), drill);
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.config.Configuration;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunQueries;
import java.util.Map;
import org.springframework.boot.WebApplicationType;

/** Starts Spring with the metadata database and the engine's beans; used by commands that need runs, and by no other. */
public final class StartEngine {
    private final String engine;

    /**
     * @param engine name of the configuration class with the engine's beans: a {@link LaunchRun}, a {@link ControlRuns}
     *     and a {@link RunQueries}
     */
    public StartEngine(String engine) {
        this.engine = engine;
    }

    /**
     * Starts it; the caller closes it.
     *
     * @param configuration what is configured
     * @param logs sets up logging, which Boot would do otherwise
     * @throws BackupException when the metadata database can not be opened
     */
    public Engine start(Configuration configuration, LogLines logs) {
        EngineContext.Kind kind = new EngineContext.Kind(
                engine, WebApplicationType.NONE, Map.of(), beans -> AroundPlans.register(beans, () -> configuration));
        return new Started(EngineContext.start(kind, configuration, logs));
    }

    /** What lasts gives others their turn at the metadata's file as soon as it is asked for. */
    private record Started(EngineContext context) implements Engine {
        @Override
        public LaunchRun launch() {
            return context.lasting(LaunchRun.class);
        }

        @Override
        public RunPlan plans() {
            return context.lasting(RunPlan.class);
        }

        @Override
        public ControlRuns control() {
            return context.lasting(ControlRuns.class);
        }

        @Override
        public RunQueries runs() {
            return context.bean(RunQueries.class);
        }

        @Override
        public Firings firings() {
            return context.bean(Firings.class);
        }

        @Override
        public void close() {
            context.close();
        }
    }
}

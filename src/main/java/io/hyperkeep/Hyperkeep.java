package io.hyperkeep;

import io.hyperkeep.cli.CommandTree;
import io.hyperkeep.cli.StartDaemon;
import io.hyperkeep.cli.StartEngine;
import io.hyperkeep.cli.Surroundings;

/** The program: parses the command line, and starts Spring only if the command needs it. */
public final class Hyperkeep {
    private Hyperkeep() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        StartEngine engine = new StartEngine("io.hyperkeep.jobs.EngineConfiguration");
        StartDaemon daemon = new StartDaemon("io.hyperkeep.web.DaemonConfiguration");
        System.exit(new CommandTree(Surroundings.ofProcess(), engine::start, daemon::start).run(arguments));
    }
}

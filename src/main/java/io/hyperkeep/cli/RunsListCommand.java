package io.hyperkeep.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code runs list}: the newest runs. */
@Command(name = "list", description = "List the newest runs, newest first.")
final class RunsListCommand extends RunsList implements Callable<Integer> {
    RunsListCommand(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        return print();
    }
}

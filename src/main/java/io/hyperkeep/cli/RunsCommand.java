package io.hyperkeep.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code runs}: without a further word, the list. */
@Command(name = "runs", description = "What ran, and how it ended; without a further command: list.")
final class RunsCommand extends RunsList implements Callable<Integer> {
    RunsCommand(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        return print();
    }
}

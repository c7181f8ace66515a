package io.hyperkeep.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code runs}: without a further word, the list. */
@Command(name = "runs", description = "What ran, and how it ended; without a further command: list.")
final class RunsCommand implements Callable<Integer> {
    private final RunsListCommand list;

    RunsCommand(RunsListCommand list) {
        this.list = list;
    }

    @Override
    public Integer call() {
        return list.call();
    }
}

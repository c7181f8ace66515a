package io.hyperkeep.cli;

import io.hyperkeep.config.ExampleFile;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code config example}: a file to start from. */
@Command(name = "example", description = "Print a configuration file with every key, its default and a comment.")
final class ConfigExampleCommand implements Callable<Integer> {
    private final Session session;

    ConfigExampleCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        String example = ExampleFile.text();
        session.results().print(Map.of("example", example), () -> example);
        return 0;
    }
}

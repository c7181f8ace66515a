package io.hyperkeep.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every command takes, before or after its name. */
final class GlobalOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Configuration file; default: HYPERKEEP_CONFIG, hyperkeep.yml in the home folder, "
                    + "/etc/hyperkeep/hyperkeep.yml.")
    @Nullable
    String config;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            scope = ScopeType.INHERIT,
            converter = OutputFormat.Reader.class,
            description = "How the result is printed on standard output; logs and progress are on standard error.")
    OutputFormat output = OutputFormat.TEXT;

    @Option(names = "--quiet", scope = ScopeType.INHERIT, description = "Print errors only.")
    boolean quiet;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Log more, and print stack traces of errors.")
    boolean verbose;

    boolean json() {
        return output == OutputFormat.JSON;
    }
}

package io.hyperkeep.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program without a command: it says which there are. */
@Command(
        name = "hyperkeep",
        description = "Restartable logical backups for TimescaleDB.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Every option has an environment variable: --lock-timeout is HYPERKEEP_LOCK_TIMEOUT.",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 done with warnings,",
            "10 no such backup, run or plan, 11 locked or already running,",
            "12 authentication or permission, 75 skipped by a hook, 130 interrupted. Any other: failed."
        })
final class RootCommand implements Runnable {
    @Mixin
    final GlobalOptions global;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this and end.")
    boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version and end.")
    boolean version;

    @Spec
    CommandSpec spec = CommandSpec.create();

    RootCommand(GlobalOptions global) {
        this.global = global;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
}

package io.hyperkeep.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that needs a further word. */
abstract class CommandGroup implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public final void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
}

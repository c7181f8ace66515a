package io.hyperkeep.cli;

import picocli.CommandLine.Command;

/** {@code config}: it needs a further word. */
@Command(name = "config", description = "Print an example configuration, validate yours, or show what is in force.")
final class ConfigCommand extends CommandGroup {}

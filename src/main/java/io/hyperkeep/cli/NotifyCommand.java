package io.hyperkeep.cli;

import picocli.CommandLine.Command;

/** {@code notify}: it needs a further word. */
@Command(name = "notify", description = "Try who is told how backups go.")
final class NotifyCommand extends CommandGroup {}

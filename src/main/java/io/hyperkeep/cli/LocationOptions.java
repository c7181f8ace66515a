package io.hyperkeep.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say where a backup is looked for when no plan says it. */
final class LocationOptions {
    @Option(
            names = "--repository",
            paramLabel = "DIR",
            description = "Repository that holds the backup: a folder or a configured name.")
    @Nullable
    String repository;

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description = "Which database, where the repository holds backups of several.")
    @Nullable
    String database;
}

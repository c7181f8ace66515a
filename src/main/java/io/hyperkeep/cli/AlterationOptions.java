package io.hyperkeep.cli;

import io.hyperkeep.config.PlanLayer;
import io.hyperkeep.restore.Alterations;
import io.hyperkeep.restore.ReadAlterations;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say in what the target is to differ from the backup. TABLE is a pattern, by the backup's names. */
final class AlterationOptions {
    @Option(
            names = "--rename",
            paramLabel = "A=B",
            description = "Restore table A (schema.table) as B (schema.table); can be given again.")
    List<String> renames = List.of();

    @Option(
            names = "--schema-map",
            paramLabel = "OLD=NEW",
            description = "Restore what is in schema OLD into schema NEW; can be given again.")
    List<String> schemas = List.of();

    @Option(
            names = "--chunk-interval",
            paramLabel = "TABLE=INTERVAL",
            description = "Divide hypertables into chunks of this width, such as 12h or 7d; a number for integers.")
    List<String> chunkIntervals = List.of();

    @Option(
            names = "--partition",
            paramLabel = "TABLE=COLUMN:N",
            description = "Divide hypertables by hashes of this column into N partitions; 0 to do so no longer.")
    List<String> partitions = List.of();

    @Option(
            names = "--time-column",
            paramLabel = "TABLE=COLUMN",
            description = "Divide hypertables by this column in the first place.")
    List<String> timeColumns = List.of();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Only rows of hypertables from this time on (UTC unless it says otherwise), or number.")
    @Nullable
    String from;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "Only rows of hypertables before this time, or number.")
    @Nullable
    String until;

    @Option(names = "--schema-only", description = "No rows.")
    boolean schemaOnly;

    @Option(names = "--data-only", description = "Only rows, into tables that exist and are empty.")
    boolean dataOnly;

    Alterations alterations(boolean createDatabase) {
        return ReadAlterations.run(
                new ReadAlterations.Options(
                        schemaOnly,
                        dataOnly,
                        split(renames),
                        split(schemas),
                        split(chunkIntervals),
                        split(partitions),
                        split(timeColumns),
                        from,
                        until),
                createDatabase);
    }

    /** In an environment variable, several values are separated by commas. */
    private static List<String> split(List<String> values) {
        return values.stream().flatMap(value -> PlanLayer.list(value).stream()).toList();
    }
}

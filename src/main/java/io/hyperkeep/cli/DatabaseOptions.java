package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which databases of a cluster. */
final class DatabaseOptions {
    @Option(
            names = "--include-database",
            paramLabel = "PATTERN",
            description = "Of a cluster only these databases: a name with * and ?; can be given again.")
    @Nullable
    List<String> include;

    @Option(
            names = "--exclude-database",
            paramLabel = "PATTERN",
            description = "Of a cluster not these databases: a name with * and ?; can be given again.")
    @Nullable
    List<String> exclude;

    void into(BiConsumer<PlanKey, @Nullable List<String>> layer) {
        layer.accept(PlanKey.INCLUDE_DATABASE, include);
        layer.accept(PlanKey.EXCLUDE_DATABASE, exclude);
    }
}

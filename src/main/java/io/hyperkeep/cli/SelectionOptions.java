package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say which tables, how many connections at once, and how often to try. */
final class SelectionOptions {
    @Mixin
    TableOptions tables = new TableOptions();

    @Option(
            names = "--max-attempts",
            paramLabel = "N",
            description =
                    "How often to try in all when the server goes away meanwhile and comes back, 1 to 10; default: 2.")
    @Nullable
    String maxAttempts;

    void into(BiConsumer<PlanKey, @Nullable List<String>> layer) {
        tables.into(layer);
        PlanOptions.one(layer, PlanKey.MAX_ATTEMPTS, maxAttempts);
    }

    /** What was given. */
    PlanLayer layer() {
        return PlanLayer.flags(this::into);
    }
}

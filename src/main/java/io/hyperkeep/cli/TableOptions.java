package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which tables, and how many connections at once. */
final class TableOptions {
    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "Only these tables: schema.table with * and ?; can be given again.")
    @Nullable
    List<String> include;

    @Option(
            names = "--exclude",
            paramLabel = "PATTERN",
            description = "Not these tables: schema.table with * and ?; can be given again.")
    @Nullable
    List<String> exclude;

    @Option(
            names = {"-j", "--jobs"},
            paramLabel = "N",
            description = "Number of connections that work at the same time, 1 to 64; default: 2.")
    @Nullable
    String jobs;

    void into(BiConsumer<PlanKey, @Nullable List<String>> layer) {
        layer.accept(PlanKey.INCLUDE, include);
        layer.accept(PlanKey.EXCLUDE, exclude);
        PlanOptions.one(layer, PlanKey.JOBS, jobs);
    }

    /** What was given. */
    PlanLayer layer() {
        return PlanLayer.flags(this::into);
    }
}

package io.hyperkeep.cli;

import io.hyperkeep.config.PlanKey;
import io.hyperkeep.config.PlanLayer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which backups stay; texts, as in {@link PlanOptions}. */
final class RetentionOptions {
    @Option(names = "--keep-last", paramLabel = "N", description = "Keep the newest N backups.")
    @Nullable
    String last;

    @Option(
            names = "--keep-within",
            paramLabel = "DURATION",
            description = "Keep all that are at most so much older than the newest one, such as 36h or 14d.")
    @Nullable
    String within;

    @Option(names = "--keep-hourly", paramLabel = "N", description = "Keep the newest of each of the newest N hours.")
    @Nullable
    String hourly;

    @Option(names = "--keep-daily", paramLabel = "N", description = "The same of days.")
    @Nullable
    String daily;

    @Option(names = "--keep-weekly", paramLabel = "N", description = "The same of weeks, from Monday to Sunday.")
    @Nullable
    String weekly;

    @Option(names = "--keep-monthly", paramLabel = "N", description = "The same of months.")
    @Nullable
    String monthly;

    @Option(names = "--keep-yearly", paramLabel = "N", description = "The same of years.")
    @Nullable
    String yearly;

    @Option(
            names = "--keep-minimum",
            paramLabel = "N",
            description = "Keep the newest N whatever the rules say; no rule by itself; default: 1.")
    @Nullable
    String minimum;

    @Option(
            names = "--keep-leftovers",
            paramLabel = "DURATION",
            description = "Keep what failed runs left for so long, for them to be run again; default: 1d.")
    @Nullable
    String leftovers;

    @Option(names = "--zone", paramLabel = "ZONE", description = "Time zone in which days begin; default: UTC.")
    @Nullable
    String zone;

    /** What was given. */
    PlanLayer layer() {
        return PlanLayer.flags(layer -> {
            PlanOptions.one(layer, PlanKey.KEEP_LAST, last);
            PlanOptions.one(layer, PlanKey.KEEP_WITHIN, within);
            PlanOptions.one(layer, PlanKey.KEEP_HOURLY, hourly);
            PlanOptions.one(layer, PlanKey.KEEP_DAILY, daily);
            PlanOptions.one(layer, PlanKey.KEEP_WEEKLY, weekly);
            PlanOptions.one(layer, PlanKey.KEEP_MONTHLY, monthly);
            PlanOptions.one(layer, PlanKey.KEEP_YEARLY, yearly);
            PlanOptions.one(layer, PlanKey.KEEP_MINIMUM, minimum);
            PlanOptions.one(layer, PlanKey.KEEP_LEFTOVERS, leftovers);
            PlanOptions.one(layer, PlanKey.ZONE, zone);
        });
    }
}

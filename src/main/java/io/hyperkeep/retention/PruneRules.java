package io.hyperkeep.retention;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a prune goes by.
 *
 * @param plan the plan whose backups the rules are for; null for those of every plan, each plan's for themselves
 * @param backups which sealed backups stay
 * @param leftovers how long what was never sealed stays: a failed run that is run again takes its files over
 */
public record PruneRules(@Nullable String plan, RetentionRules backups, Duration leftovers) {}

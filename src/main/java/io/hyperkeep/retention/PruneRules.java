package io.hyperkeep.retention;

import java.time.Duration;

/**
 * What a prune goes by.
 *
 * @param backups which sealed backups stay
 * @param leftovers how long what was never sealed stays: a failed run that is run again takes its files over
 */
public record PruneRules(RetentionRules backups, Duration leftovers) {}

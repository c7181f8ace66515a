package io.hyperkeep.hooks;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands around the backups of one plan.
 *
 * @param before program and arguments, or null for none
 * @param after program and arguments, or null for none
 * @param timeout after which each of them is ended
 */
public record HookSettings(
        @Nullable List<String> before, @Nullable List<String> after, Duration timeout) {}

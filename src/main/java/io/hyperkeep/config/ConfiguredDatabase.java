package io.hyperkeep.config;

import io.hyperkeep.database.DatabaseSettings;
import org.jspecify.annotations.Nullable;

/**
 * A database of the configuration file.
 *
 * @param settings what the rest of hyperkeep needs to know about it
 * @param uri its URI as given
 * @param passwordFile as given, or null
 * @param passwordCommand as given, or null
 * @param clientTools as given, or null
 */
public record ConfiguredDatabase(
        DatabaseSettings settings,
        Given uri,
        @Nullable Given passwordFile,
        @Nullable Given passwordCommand,
        @Nullable Given clientTools) {}

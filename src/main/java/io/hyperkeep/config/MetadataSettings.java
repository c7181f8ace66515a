package io.hyperkeep.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where runs are recorded: an H2 file in the home folder, unless a PostgreSQL database is named.
 *
 * @param url a PostgreSQL JDBC URL, or null for the H2 file
 * @param user the role, or null for the driver's default
 * @param passwordFile a file whose first line is the password, or null
 */
public record MetadataSettings(
        @Nullable String url,
        @Nullable String user,
        @Nullable Path passwordFile) {
    /** The H2 file in the home folder. */
    public static final MetadataSettings EMBEDDED = new MetadataSettings(null, null, null);
}

package io.hyperkeep.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the backup was taken from.
 *
 * @param systemIdentifier of the cluster ({@code pg_control_system()}), unsigned decimal
 * @param timeline of the cluster
 * @param database its name
 * @param databaseOid its oid
 * @param encoding server encoding
 * @param collation {@code datcollate}
 * @param characterType {@code datctype}
 * @param localeProvider {@code c}, {@code i} (ICU) or {@code b} (built in)
 * @param locale ICU or built-in locale, or null
 * @param tablespace the database's own, null when it is the server's default one or the manifest does not say
 * @param serverVersion e.g. {@code 17.11}
 * @param timescale null for a plain PostgreSQL database
 * @param extensions every extension but plpgsql, by name
 */
public record Source(
        String systemIdentifier,
        int timeline,
        String database,
        long databaseOid,
        String encoding,
        String collation,
        String characterType,
        String localeProvider,
        @Nullable String locale,
        @Nullable String tablespace,
        String serverVersion,
        @Nullable Timescale timescale,
        List<Extension> extensions) {
    public Source {
        extensions = List.copyOf(extensions);
    }

    /**
     * TimescaleDB in the source.
     *
     * @param version e.g. {@code 2.31.0}
     * @param schema where the extension's own functions are
     * @param edition {@code apache} or {@code timescale} (Community)
     */
    public record Timescale(String version, String schema, String edition) {}

    /** An installed extension. */
    public record Extension(String name, String version, String schema) {}
}

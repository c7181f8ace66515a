package io.hyperkeep.database;

import java.nio.file.Path;
import java.util.Map;

/**
 * A client program of PostgreSQL that was found.
 *
 * @param name e.g. {@code pg_dump}
 * @param path where it is
 * @param major its major version
 * @param minor its minor version
 */
public record ClientTool(String name, Path path, int major, int minor) {
    /** First minor version of each older major that knows {@code \restrict}, which dumps of these versions begin with. */
    private static final Map<Integer, Integer> RESTRICT = Map.of(13, 22, 14, 19, 15, 14, 16, 10, 17, 6);

    /** Its version as PostgreSQL writes it. */
    public String version() {
        return major + "." + minor;
    }

    /** Whether this psql can run what a current pg_dump or pg_restore writes. */
    boolean knowsRestrict() {
        return major >= 18 || minor >= RESTRICT.getOrDefault(major, Integer.MAX_VALUE);
    }

    /** For messages: {@code pg_dump 17.6 (/usr/lib/postgresql/17/bin/pg_dump)}. */
    @Override
    public String toString() {
        return name + " " + version() + " (" + path + ")";
    }
}
